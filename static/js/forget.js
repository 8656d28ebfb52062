// At the lock and at the log-in nobody is signed in: what was kept to be read offline goes.
const forget = async () => {
  localStorage.removeItem("touched");
  if (!window.caches) return;
  await Promise.all(["day", "hands"].map((name) => caches.delete(name)));
};

forget();
addEventListener("pageshow", (event) => event.persisted && location.reload());
