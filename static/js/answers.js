// The client's answer on a piece, in place: the page she would get anyway, of which only that piece is taken over.
const took = async (form, button) => {
  const said = new URLSearchParams(new FormData(form));
  said.set(button.name, button.value);
  const answer = await fetch(form.action, { method: "POST", body: said });
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};

const takeOver = (piece, fresh) => {
  const buttons = piece.querySelectorAll("[data-answer] button");
  fresh.querySelectorAll("[data-answer] button").forEach((from, place) => {
    buttons[place].value = from.value;
    buttons[place].setAttribute("aria-pressed", from.getAttribute("aria-pressed"));
  });
  // The region stays and its words change: only then are they read aloud.
  piece.querySelector("[aria-live]").replaceChildren(...fresh.querySelector("[aria-live]").childNodes);
};

addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-answer]");
  if (!form) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  const piece = form.closest(".piece");
  try {
    const page = await took(form, event.submitter);
    takeOver(piece, page.getElementById(piece.id));
  } catch {
    piece.querySelector("[aria-live]").textContent = "That did not reach us. Please try once more.";
  } finally {
    form.removeAttribute("aria-busy");
  }
});
