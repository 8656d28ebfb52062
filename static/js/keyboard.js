// Keys for those at a desk: j k e s u / ?. Off in fields; each has a visible way too. Escape folds an open menu.
const cards = () => [...document.querySelectorAll("[data-client]")];
const here = () => document.activeElement?.closest?.("[data-client]");
const inField = (element) => element.closest("textarea, select, dialog, input:not([type=radio], [type=checkbox])");

function move(step) {
  const all = cards();
  const at = all.indexOf(here());
  const card = all[Math.max(0, Math.min(all.length - 1, at + step))];
  card?.focus({ preventScroll: true });
  card?.scrollIntoView({ block: "nearest" });
}

function find() {
  const place = document.querySelector("[data-find]");
  if (place?.matches("a")) place.click();
  else place?.focus();
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  e: () => here()?.querySelector("[data-note]")?.focus(),
  s: () => here()?.querySelector('[data-action="send"]')?.click(),
  u: () =>
    (
      here()?.querySelector('[data-action="undo"]') ?? [...document.querySelectorAll('[data-action="undo"]')].pop()
    )?.click(),
  "/": find,
  "?": () => document.getElementById("keys")?.showModal(),
};

function fold(except) {
  for (const menu of document.querySelectorAll("details.more[open]")) if (menu !== except) menu.open = false;
}

addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = event.target.closest?.("details.more[open]");
    fold();
    menu?.querySelector("summary").focus();
  }
  if (event.metaKey || event.ctrlKey || event.altKey || event.repeat || inField(event.target)) return;
  if (!Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});
document.addEventListener("click", ({ target }) => fold(target.closest("details.more")));
