// Asks for news while somebody looks: every 4 s in use, every 20 s after a quiet minute, never when hidden or offline.
const IN_USE = 4_000;
const AT_REST = 20_000;
const QUIET = 60_000;
const PULSE = '[hx-get="/pulse/"]';

let asked = Date.now();

function ask() {
  asked = Date.now();
  window.htmx?.trigger(document.body, "pulse");
}

setInterval(() => {
  const wait = window.restsFor() < QUIET ? IN_USE : AT_REST;
  if (!document.hidden && navigator.onLine && Date.now() - asked >= wait) ask();
}, 1_000);

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!navigator.onLine && event.detail.elt.matches(PULSE)) event.preventDefault();
});

// A card that was sent while the answer was on its way has no place for its news any more.
document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  if (!target.matches(PULSE)) return;
  const news = document.createElement("template");
  news.innerHTML = detail.serverResponse;
  for (const part of news.content.querySelectorAll("[hx-swap-oob]")) {
    if (!document.getElementById(part.id)) part.remove();
  }
  detail.serverResponse = news.innerHTML;
});

function connection() {
  document.documentElement.classList.toggle("is-offline", !navigator.onLine);
  const banner = document.getElementById("offline");
  if (banner) banner.hidden = navigator.onLine && !document.body.dataset.keptAt;
  if (navigator.onLine && !document.hidden) ask();
}

addEventListener("online", connection);
addEventListener("offline", connection);
document.addEventListener("visibilitychange", () => document.hidden || ask());
if (!navigator.onLine) connection();

// A client somebody else has taken or written to keeps her words on the page, and loses her Send.
document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
  if (!target.matches(".claim")) return;
  const card = target.closest("[data-client], [id^=client-card-]");
  const claim = target.querySelector("[data-blocks]");
  if (claim) [card.dataset.blocked, card.dataset.claimed] = [claim.dataset.blocks, ""];
  else if ("claimed" in card.dataset) {
    delete card.dataset.blocked;
    delete card.dataset.claimed;
  }
});
