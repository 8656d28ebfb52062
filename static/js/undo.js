// After Send the card folds into a strip with a draining line, and back again after Undo.
const HOLD = 900; // ms the strip keeps the card's height: else the next client slides under a finger still tapping

let before = null;

const drain = (strip) => strip.style.setProperty("--undo-seconds", `${strip.dataset.undoSeconds}s`);

const holdHeight = (strip, height) => {
  strip.style.minHeight = `${height}px`;
  setTimeout(() => (strip.style.minHeight = ""), HOLD);
};

document.addEventListener("htmx:beforeSwap", ({ detail: { target, requestConfig } }) => {
  before = {
    id: target.id,
    height: target.offsetHeight,
    wasPressed: requestConfig?.verb === "post",
    heldFocus: target.contains(document.activeElement),
  };
});

document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  const strip = elt.matches("[data-undo-seconds]") ? elt : elt.querySelector("[data-undo-seconds]");
  if (strip) drain(strip);
  if (!before || !elt.id || elt.id !== before.id) return;
  const { height, wasPressed, heldFocus } = before;
  before = null;
  const undo = elt.querySelector('[data-action="undo"]');
  const next = elt.querySelector("[data-focus-first]") ?? undo ?? elt.querySelector("[data-note]") ?? elt.querySelector("a, button");
  if (wasPressed && undo) holdHeight(elt, height);
  if (heldFocus || (wasPressed && undo)) next?.focus({ preventScroll: true });
});

// A key still held down from Send must not press the Undo that took the focus.
addEventListener("keydown", (event) => {
  if (event.repeat && event.target.closest?.('[data-action="undo"]')) event.preventDefault();
});
