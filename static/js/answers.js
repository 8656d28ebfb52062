// The client's answers, in place: the page she would get anyway, of which only the part she answered is taken over.
const said = document.getElementById("said");

const took = async (form, button) => {
  const values = new URLSearchParams(new FormData(form));
  if (button?.name) values.set(button.name, button.value);
  const answer = await fetch(form.action, { method: "POST", body: values });
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};

// The button that was pressed may be gone, or say something else: what stands in its place takes the focus.
const refocus = (part, button) => {
  const label = button?.textContent.trim();
  const again = [...part.querySelectorAll("button")].find((each) => each.textContent.trim() === label);
  (again ?? part).focus({ preventScroll: true });
};

const takeOver = (part, fresh, button) => {
  part.replaceWith(fresh);
  refocus(fresh, button);
  const words = fresh.querySelector(".fault, .keeping, .kept span");
  said.textContent = words?.getAttribute("role") === "alert" ? "" : (words?.textContent.trim() ?? "");
};

addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-answer]");
  if (!form) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  const part = form.closest("[data-part]");
  try {
    const fresh = (await took(form, event.submitter)).getElementById(part.id);
    if (!fresh) throw new Error("not our page");
    takeOver(part, fresh, event.submitter);
  } catch {
    part.querySelector(".kept").textContent = "That did not reach us. Please try once more.";
  } finally {
    form.removeAttribute("aria-busy");
  }
});

// What a scanner does not do: touch, press a key, turn a wheel. Told once, so that a visit is a person's.
const A_LOOK = 800;
const gestures = ["pointerdown", "touchstart", "keydown", "wheel"];
const address = document.querySelector("[data-seen]")?.dataset.seen;
const opened = performance.now();

const tell = (event) => {
  if (!event.isTrusted || document.visibilityState !== "visible" || performance.now() - opened < A_LOOK) return;
  gestures.forEach((name) => removeEventListener(name, tell));
  fetch(address, { method: "POST", keepalive: true }).catch(() => {});
};
if (address) gestures.forEach((name) => addEventListener(name, tell, { passive: true }));
