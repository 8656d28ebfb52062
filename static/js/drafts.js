// What is typed is kept by the server while she pauses, so that a lock, a switch or a broken tablet costs no words.
// Until the server has them they lie sealed in this browser: without a connection they come back after her next PIN.
const PAUSE = 1_200;
const KEPT = 204;
const LATER_ONES = 205; // she has written or sent others since, perhaps on another tablet
const NOT_HERS = 404;
const { sealed } = window;
const pending = new Map(); // form → timer
const typed = new Map(); // place → what was typed there, until the server has it
let isGivingBack = false;

const headers = () => ({ ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true" });
// Beside each send and each conversation lies the place where its words are kept.
const address = (form) => form.getAttribute("action").replace(/(kind-words|send|thread)\/$/, "draft/");
const itemOf = (form) => form.dataset.item ?? ""; // the one piece that a note is about
const placeOf = (form) => `${address(form)} ${form.dataset.draft} ${itemOf(form)}`.trim();
const formAt = (place) => [...document.querySelectorAll("form[data-draft]")].find((form) => placeOf(form) === place);

function wordsOf(form) {
  const fields = new FormData(form);
  const words = { place: placeOf(form), url: address(form), at: Date.now() };
  Object.assign(words, { step: form.dataset.draft, item: itemOf(form) });
  for (const name of ["form_token", "channel", "body"]) words[name] = fields.get(name) ?? "";
  return words;
}

// --- In this browser ---
let last = Promise.resolve();
const inTurn = (act) => (last = last.then(act).catch(() => {})); // what was typed last is kept last

const shelve = (words) => {
  typed.set(words.place, words);
  if (sealed) inTurn(() => typed.get(words.place) === words && sealed.put("words", words));
};
const letGo = (words) => {
  if (typed.get(words.place) !== words) return; // more was typed meanwhile
  typed.delete(words.place);
  if (sealed) inTurn(() => sealed.remove("words", words.place));
};

// --- At the server ---
async function hand({ url, step, item = "", form_token, channel, body }, more = {}) {
  const idle = String(Math.round(window.restsFor() / 1_000));
  const answer = await fetch(url, {
    method: "POST",
    body: new URLSearchParams({ step, item, form_token, channel, body, ...more }),
    headers: { ...headers(), "X-Idle-Seconds": idle },
    keepalive: true,
  });
  return answer.status;
}

const isSettled = (status) => [KEPT, LATER_ONES, NOT_HERS].includes(status);

async function keep(form) {
  clearTimeout(pending.get(form));
  pending.delete(form);
  const words = typed.get(placeOf(form));
  if (!words) return;
  if (!form.isConnected) return letGo(words); // she asked for other words in their place
  try {
    if (isSettled(await hand(words))) letGo(words);
  } catch {
    later(form); // no connection: tried again while the page is open
  }
}

const later = (form, wait = 10 * PAUSE) => {
  clearTimeout(pending.get(form));
  pending.set(form, setTimeout(() => keep(form), wait));
};

document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-draft]");
  if (isGivingBack || !form || !(target.matches("[data-note]") || target.name === "channel")) return;
  shelve(wordsOf(form));
  later(form, PAUSE);
});
const drop = ({ target }) => {
  if (!target.matches("form[data-draft]")) return;
  clearTimeout(pending.get(target));
  pending.delete(target);
  const words = typed.get(placeOf(target));
  if (words) letGo(words);
};
addEventListener("submit", drop, true); // what is being sent is no draft any more
const keepAll = () => [...pending.keys()].forEach(keep);
document.addEventListener("book:leave", keepAll);
addEventListener("pagehide", keepAll);

// --- Back again ---
function fill(words) {
  const form = formAt(words.place);
  const field = form?.querySelector("[data-note]");
  if (!field || field.readOnly || field.value !== field.defaultValue || field.value === words.body) return;
  isGivingBack = true;
  field.value = words.body;
  const channel = form.querySelector(`[name=channel][type=radio][value="${CSS.escape(words.channel)}"]`);
  if (channel && !channel.disabled) channel.checked = true;
  field.dispatchEvent(new Event("input", { bubbles: true })); // its height, its count
  isGivingBack = false;
  document.dispatchEvent(new CustomEvent("book:say", { detail: "What you wrote without a connection is back." }));
}

async function giveBack() {
  for (const words of await sealed.all("words")) {
    if (typed.has(words.place) && typed.get(words.place).at !== words.at) continue; // being typed right now
    typed.set(words.place, words);
    try {
      const status = await hand(words, { age: String(Math.max(0, Date.now() - words.at)) });
      if (status === KEPT) fill(words);
      if (isSettled(status)) letGo(words);
    } catch {
      fill(words); // still no connection
    }
  }
}

if (sealed) {
  giveBack();
  document.addEventListener("book:online", giveBack);
}
