// A quick answer fills the field, to be read and changed; what was typed before stays in front of it.
document.addEventListener("click", (event) => {
  const quick = event.target.closest("[data-quick]");
  const field = quick && document.getElementById(quick.dataset.quick);
  if (!field) return;
  event.preventDefault();
  const typed = field.value.trim();
  const others = [...document.querySelectorAll("[data-quick]")].map((each) => each.value);
  field.value = typed && !others.includes(typed) ? `${typed} ${quick.value}` : quick.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

// A long conversation opens at its end: what she said last is what is answered.
if (!location.hash) document.querySelector("#thread-log .told > :last-child")?.scrollIntoView({ block: "nearest" });
