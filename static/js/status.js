// Says aloud what an answer carries in data-say, and shows what went wrong in data-alarm or on the way.
const status = document.getElementById("status");
const alarm = document.getElementById("alarm");

const say = (words) => {
  status.textContent = ""; // the same words twice are spoken twice
  setTimeout(() => (status.textContent = words), 60);
};

const warn = (words) => {
  const toast = document.createElement("div");
  toast.className = "toast";
  const close = document.createElement("button");
  close.className = "btn plain small";
  close.type = "button";
  close.textContent = "Close";
  close.addEventListener("click", () => toast.remove());
  toast.append(words, close);
  alarm.replaceChildren(toast);
};

document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (elt === document.body) return;
  const find = (name) => (elt.matches(`[${name}]`) ? elt : elt.querySelector(`[${name}]`));
  const spoken = find("data-say");
  const wrong = find("data-alarm");
  if (spoken) say(spoken.dataset.say);
  if (wrong) warn(wrong.dataset.alarm);
});

document.addEventListener("book:say", ({ detail }) => say(detail));
document.addEventListener("book:warn", ({ detail }) => warn(detail));

const waits = ({ detail }) => window.sealed && detail.elt.matches("form[data-waits]"); // waiting.js takes care of it
// What a hand asked for is told when it fails; what the page asks for by itself is asked for again.
const BY_HAND = ["click", "submit", "change", "input", "keyup"];
const isByItself = ({ detail }) => !BY_HAND.includes(detail.requestConfig?.triggeringEvent?.type);
document.addEventListener(
  "htmx:sendError",
  (event) => isByItself(event) || waits(event) || warn("No connection. Nothing was sent; your words are kept."),
);
document.addEventListener(
  "htmx:responseError",
  (event) =>
    isByItself(event) ||
    warn("That did not work. Your words are kept; load the page again and look before you repeat it."),
);
