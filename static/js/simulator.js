// The words that have left the simulated phone do not stay in its field.
document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful } }) => {
  if (successful && elt.matches(".answers .row")) elt.reset();
});
