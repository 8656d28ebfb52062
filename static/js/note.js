// The note: as tall as its words, and counted in the segments a carrier will charge.
const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("\f^{}\\[~]|€"); // two places each
const PLAIN = [
  [/[‘’‚′]/g, "'"],
  [/[“”„″]/g, '"'],
  [/[–—]/g, "-"],
  [/…/g, "..."],
  [/(\d)½/g, "$1.5"],
  [/½/g, "1/2"],
  [/[\u00a0\u2009\u202f]/g, " "],
];

// GSM-7 holds 160 characters, 153 in each of several; one sign outside it makes that 70 and 67.
function segments(text) {
  const signs = [...text];
  const odd = signs.find((sign) => !BASIC.has(sign) && !EXTENDED.has(sign));
  const size = (sign) => (odd === undefined ? (EXTENDED.has(sign) ? 2 : 1) : sign.length);
  const [single, several] = odd === undefined ? [160, 153] : [70, 67];
  if (signs.reduce((sum, sign) => sum + size(sign), 0) <= single) return { count: 1, odd };
  let count = 1;
  let used = 0;
  for (const sign of signs) {
    if (used + size(sign) > several) [count, used] = [count + 1, 0];
    used += size(sign);
  }
  return { count, odd };
}

const plain = (text) => PLAIN.reduce((words, [from, to]) => words.replace(from, to), text);

function count(note) {
  const place = document.getElementById(note.dataset.segments);
  if (!place) return;
  const { count: number, odd } = segments(note.value + (note.dataset.segmentsSuffix ?? ""));
  place.textContent = `${number} segment${number === 1 ? "" : "s"}${odd ? `: “${odd}” leaves each only 70 characters` : ""}`;
  place.classList.toggle("costly", number > 2 || Boolean(odd));
  const offer = note.form?.querySelector("[data-plain-text]");
  if (offer) offer.hidden = !odd || plain(note.value) === note.value;
}

// A fact that she has taken out of the note is no longer what it rests on.
const flat = (words) => words.replace(/\s+/g, " ").trim();
function restOn(note) {
  for (const line of note.form?.querySelectorAll("[data-rests]") ?? [])
    line.hidden = !flat(note.value).includes(flat(line.dataset.rests));
}

// WebKit, and so every browser on an iPad, lacks field-sizing: without this the last line is cut off.
const fits = CSS.supports("field-sizing", "content");
function fit(field) {
  if (fits || !field.offsetParent) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}

const fitAll = (root = document) => root.querySelectorAll("textarea").forEach(fit);

document.addEventListener("input", ({ target }) => {
  if (target.matches("textarea")) fit(target);
  if (target.matches("[data-segments]")) count(target);
  if (target.matches("[data-note]")) restOn(target);
});
document.addEventListener("click", ({ target }) => {
  const offer = target.closest("[data-plain-text]");
  if (!offer) return;
  const note = offer.closest("form").querySelector("[data-segments]");
  note.value = plain(note.value);
  note.dispatchEvent(new Event("input", { bubbles: true }));
  note.focus();
});
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  fitAll(elt);
  elt.querySelectorAll("[data-segments]").forEach(count);
});
addEventListener("resize", () => fitAll());
document.fonts.ready.then(() => fitAll());
