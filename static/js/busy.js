// A form that is on its way cannot be sent again by a second press; the server refuses a second send as well.
const PATIENCE = 10_000; // after this a lost answer no longer keeps the button shut

const rest = (form) => form.removeAttribute("aria-busy");

addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.setAttribute("aria-busy", "true");
    setTimeout(rest, PATIENCE, form);
  },
  true,
);

document.addEventListener("htmx:afterRequest", ({ detail }) => detail.elt.matches("form") && rest(detail.elt));
addEventListener("pageshow", (event) => event.persisted && document.querySelectorAll("form[aria-busy]").forEach(rest));
