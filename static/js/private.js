// A shared tablet: counts how long no hand was on it, locks it in time, and shows no page a second time out of memory.
const TOUCHED = "touched"; // in localStorage, so that a second tab knows of the first one's hands
const NOTED_EVERY = 1_000;
const PAST = 10_000; // how often the worker that serves pages offline is told

const locksAfter = Number(document.body.dataset.locksAfter || 0) * 1_000;
const form = document.getElementById("lock");
let noted = 0;
let told = 0;

const tell = async (moment) => {
  if (!window.caches) return;
  told = moment;
  const hands = await caches.open("hands");
  await hands.put("/touched", new Response(String(moment)));
};

const touch = () => {
  const moment = Date.now();
  if (moment - noted < NOTED_EVERY) return;
  if (locksAfter && noted && rests() > locksAfter) return lock(); // the hand that comes too late opens nothing
  noted = moment;
  localStorage.setItem(TOUCHED, String(moment));
  if (locksAfter && moment - told > PAST) tell(moment);
};

const rests = () => Date.now() - Math.max(noted, Number(localStorage.getItem(TOUCHED)) || 0);
window.restsFor = rests;

const hide = () => document.documentElement.classList.add("is-away");

function lock() {
  hide();
  document.dispatchEvent(new CustomEvent("book:leave"));
  if (!form) return;
  form.elements.why.value = "idle";
  form.elements.path.value = location.pathname + location.search;
  form.submit();
}

touch();
for (const sign of ["pointerdown", "keydown", "scroll"]) {
  addEventListener(sign, touch, { capture: true, passive: true });
}
const look = () => locksAfter && rests() > locksAfter && lock();
setInterval(look, 1_000);
document.addEventListener("visibilitychange", () => document.hidden || look());

document.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.headers["X-Idle-Seconds"] = String(Math.round(rests() / 1_000));
});
form?.addEventListener("submit", () => {
  form.elements.path.value = location.pathname + location.search;
  document.dispatchEvent(new CustomEvent("book:leave"));
});

// What the browser keeps in memory to go back to was somebody's page, perhaps not hers who goes back.
addEventListener("pagehide", hide);
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
  else document.documentElement.classList.remove("is-away");
});
