// Keeps the day's counts and stitches true after a Send or an Undo, as a reload would draw them.
const book = document.getElementById("book");

const show = (name, number) => {
  for (const place of document.querySelectorAll(`[data-count="${name}"]`)) place.textContent = number;
};

const recount = () => {
  const clients = [...book.querySelectorAll("article[data-client]:not([data-blocked], [data-earlier], [data-step], [data-hold])")];
  const toWrite = clients.filter((client) => client.querySelector("[data-note]")).length;
  const sent = clients.length - toWrite;
  show("to-write", toWrite);
  show("sent", sent);
  const done = book.querySelector("[data-done]");
  if (done) done.hidden = toWrite > 0 || sent === 0;
  document.querySelectorAll(".stitches path").forEach((stitch, place) => {
    stitch.setAttribute("class", place < sent ? "done" : "todo");
  });
};

document.addEventListener("htmx:afterSettle", recount);
