// The lock: a tap on a face, four taps on digits, and it opens by itself.
const form = document.querySelector("[data-lock]");
const field = document.getElementById("pin");
const pad = document.querySelector("[data-pad]");
const LENGTH = 4;
let isOnItsWay = false;

const chosen = () => form.querySelector("[name=who]:checked");

const tryIt = () => {
  if (isOnItsWay || field.value.length !== LENGTH || !chosen()) return;
  isOnItsWay = true;
  form.requestSubmit();
};

const showWho = () => {
  const face = chosen();
  if (!face) return;
  document.getElementById("called").textContent = face.dataset.called;
};

if (pad) {
  pad.hidden = false;
  if (matchMedia("(pointer: coarse)").matches) field.inputMode = "none"; // the pad is there already
  showWho();
  pad.addEventListener("click", ({ target }) => {
    const { key, back } = target.dataset;
    if (key !== undefined && field.value.length < LENGTH) field.value += key;
    if (back !== undefined) field.value = field.value.slice(0, -1);
    tryIt();
  });
  field.addEventListener("input", tryIt);
  form.addEventListener("change", ({ target }) => {
    if (target.name !== "who") return;
    field.value = "";
    showWho();
    field.focus({ preventScroll: true });
  });
}
