// What is typed is kept by the server while she pauses, so that a lock, a switch or a broken tablet costs no words.
const PAUSE = 1_200;
const pending = new Map(); // form → timer

const headers = () => ({ ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true" });
// Beside each send and each conversation lies the place where its words are kept.
const address = (form) => form.getAttribute("action").replace(/(kind-words|send|thread)\/$/, "draft/");

async function keep(form) {
  clearTimeout(pending.get(form));
  pending.delete(form);
  const typed = new FormData(form);
  const body = new URLSearchParams({ step: form.dataset.draft });
  for (const name of ["form_token", "channel", "body"]) body.set(name, typed.get(name) ?? "");
  try {
    const idle = String(Math.round(window.restsFor() / 1_000));
    await fetch(address(form), {
      method: "POST",
      body,
      headers: { ...headers(), "X-Idle-Seconds": idle },
      keepalive: true,
    });
  } catch {
    later(form); // no connection: tried again while the page is open
  }
}

const later = (form, wait = 10 * PAUSE) => {
  clearTimeout(pending.get(form));
  pending.set(form, setTimeout(() => form.isConnected && keep(form), wait));
};

document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-draft]");
  if (form && (target.matches("[data-note]") || target.name === "channel")) later(form, PAUSE);
});
const drop = ({ target }) => {
  clearTimeout(pending.get(target));
  pending.delete(target);
};
addEventListener("submit", drop, true); // what is being sent is no draft any more
const keepAll = () => [...pending.keys()].forEach(keep);
document.addEventListener("book:leave", keepAll);
addEventListener("pagehide", keepAll);
