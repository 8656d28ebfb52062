// The worker that keeps today's page; and on a page it has kept, how old that page is.
const { keptAt } = document.body.dataset;

navigator.serviceWorker?.register("/sw.js").catch(() => {}); // a private window has none, and does without

const ageWords = () => {
  const minutes = Math.round((Date.now() - Number(keptAt)) / 60_000);
  const at = new Date(Number(keptAt)).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (minutes < 1) return `This is your day as it was at ${at}, a moment ago.`;
  if (minutes < 60) return `This is your day as it was at ${at}, ${minutes} minute${minutes === 1 ? "" : "s"} ago.`;
  const hours = Math.round(minutes / 60);
  return `This is your day as it was at ${at}, some ${hours} hour${hours === 1 ? "" : "s"} ago.`;
};

const tell = () => {
  document.getElementById("kept-at").textContent = ageWords();
  document.getElementById("offline").hidden = false;
};

if (keptAt) {
  tell();
  setInterval(tell, 60_000);
  // The connection is back: what waited has left, and the page may be drawn anew where nobody is typing.
  document.addEventListener("book:online", () => {
    if (!document.activeElement?.closest("form")) return location.reload();
    document.getElementById("no-connection").hidden = true;
    document.getElementById("is-back").hidden = false;
  });
}
