// A note sent without a connection waits in this browser, leaves once when there is one, and says so on its card.
// The form's own token makes it once: the server knows a token it has seen. Older than an hour, it asks again.
const NOTES = "notes";
const FRESH = 3_600_000;
const AGAIN = 15_000;
const { sealed } = window;

const put = (note) => sealed.put(NOTES, note);
const remove = (note) => sealed.remove(NOTES, note.place);
const mine = () => sealed.all(NOTES);

// --- What the card says ---
const clock = (moment) => new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
const isOld = (note) => Date.now() - note.at > FRESH && !note.asked;
const formOf = (note) => document.querySelector(`form[data-waits][action="${CSS.escape(note.url)}"]`);

const button = (words, look, act) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `btn ${look}`;
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
};

const words = (note) =>
  isOld(note)
    ? `You tapped Send at ${clock(note.at)}, more than an hour ago. Shall it still leave?`
    : `Waits for the connection since ${clock(note.at)}. It leaves by itself then.`;

function show(note) {
  const form = formOf(note);
  if (!form) return;
  if (form.querySelector(".waits p")?.textContent === words(note)) return;
  rest(form);
  const field = form.querySelector("[data-note]");
  field.value = new URLSearchParams(note.body).get("body");
  field.readOnly = true;
  form.classList.add("is-waiting");
  form.closest("[data-client]")?.setAttribute("data-waiting", "");
  const told = document.createElement("div");
  told.className = "banner brass waits";
  told.setAttribute("role", "status");
  const said = document.createElement("p");
  said.textContent = words(note);
  const acts = document.createElement("div");
  acts.className = "row-acts";
  if (isOld(note)) acts.append(button("Send it now", "primary", () => sendNow(note)));
  acts.append(button(isOld(note) ? "Do not send" : "Take it back", "quiet", () => takeBack(note)));
  told.append(said, acts);
  form.append(told);
}

function rest(form) {
  form.querySelector(".waits")?.remove();
  form.classList.remove("is-waiting");
  form.querySelector("[data-note]").readOnly = false;
  form.closest("[data-client]")?.removeAttribute("data-waiting");
}

const say = (text) => document.dispatchEvent(new CustomEvent("book:say", { detail: text }));
const warn = (text) => document.dispatchEvent(new CustomEvent("book:warn", { detail: text }));

async function takeBack(note) {
  await remove(note);
  const form = formOf(note);
  if (form) {
    rest(form);
    form.querySelector("[data-note]").focus();
  }
  say("Taken back. Nothing was sent.");
}

async function sendNow(note) {
  note.asked = true;
  await put(note);
  const form = formOf(note);
  if (form) show(note);
  await leave();
}

// --- Into the queue ---
async function wait(form) {
  const body = new URLSearchParams(new FormData(form));
  body.delete("csrfmiddlewaretoken"); // the one of the page that sends it is put in its place
  const note = {
    place: body.get("form_token"),
    url: form.getAttribute("action"),
    called: form.closest("[data-client]")?.querySelector("h2")?.textContent.trim() ?? document.title,
    isCard: form.hasAttribute("hx-post"),
    step: form.dataset.draft,
    item: form.dataset.item ?? "", // the one piece that it is about
    at: Date.now(),
    body: String(body),
  };
  try {
    await put(note);
  } catch {
    return warn("No connection, and this browser has no room to keep the note. Your words stay here: send again later.");
  }
  show(note);
  say("No connection. The note waits, and leaves by itself.");
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt;
  if (!sealed || navigator.onLine || !form.matches("form[data-waits]")) return;
  event.preventDefault();
  form.removeAttribute("aria-busy");
  wait(form);
});
document.addEventListener("htmx:sendError", ({ detail: { elt } }) => sealed && elt.matches("form[data-waits]") && wait(elt));
addEventListener("submit", (event) => {
  const form = event.target;
  if (!sealed || navigator.onLine || form.hasAttribute("hx-post") || !form.matches("form[data-waits]")) return;
  event.preventDefault();
  form.removeAttribute("aria-busy");
  wait(form);
});

// --- Out of it ---
const headers = () => ({
  ...JSON.parse(document.body.getAttribute("hx-headers")),
  "HX-Request": "true",
  "X-Idle-Seconds": String(Math.round(window.restsFor() / 1_000)),
});

async function hand(note) {
  const answer = await fetch(note.url, {
    method: "POST",
    headers: headers(),
    body: new URLSearchParams(note.body),
    redirect: "manual",
  });
  if (answer.headers.has("HX-Redirect") || answer.status >= 500 || answer.status === 403) return; // not now
  await remove(note);
  if (answer.type === "opaqueredirect") return location.reload(); // an answer in a conversation has left
  if (!answer.ok) return warn(`The note to ${note.called} was not sent. Look at her page before you write again.`);
  await taken(note, answer);
}

async function taken(note, answer) {
  const isSent = answer.headers.has("X-Sent");
  if (!isSent) await keepWords(note);
  const form = formOf(note);
  if (!note.isCard || !form) {
    const refused = `The note to ${note.called} was not sent; your words are kept with her.`;
    return isSent ? say(`The note to ${note.called} is on its way.`) : warn(refused);
  }
  const card = document.querySelector(answer.headers.get("HX-Retarget") ?? form.getAttribute("hx-target"));
  window.htmx.swap(card, await answer.text(), { swapStyle: "outerHTML" });
}

// A note the rules have refused meanwhile: its words go where her drafts are.
async function keepWords(note) {
  const sent = new URLSearchParams(note.body);
  const body = new URLSearchParams({ step: note.step, item: note.item ?? "" });
  for (const name of ["form_token", "channel", "body"]) body.set(name, sent.get(name) ?? "");
  const url = note.url.replace(/(kind-words|send|thread)\/$/, "draft/");
  await fetch(url, { method: "POST", headers: headers(), body });
}

async function leave() {
  if (!navigator.onLine) return;
  const once = navigator.locks?.request.bind(navigator.locks) ?? ((name, options, act) => act(true));
  await once("waiting-notes", { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    for (const note of await mine()) {
      if (isOld(note)) show(note);
      else await hand(note).catch(() => {}); // still no connection: it waits on
    }
  });
}

async function connected() {
  await leave();
  document.dispatchEvent(new CustomEvent("book:online"));
}

async function begin() {
  const notes = await mine();
  notes.forEach(show);
  document.addEventListener("htmx:afterSettle", async () => (await mine()).forEach((note) => show(note)));
  addEventListener("online", connected);
  setInterval(leave, AGAIN);
  await leave();
}

if (sealed) begin();
