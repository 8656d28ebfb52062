// The service worker: files by their hashed names, today's page for whoever is signed in, nothing else of anybody.
const FILES = "files";
const DAY = "day"; // one page at most; gone at every log-in, lock and log-out, and after a shift
const HANDS = "hands"; // when the tablet was touched last
const OWED = "owed"; // a lock or a log-out the server has not heard of yet
const SHIFT = 12 * 3_600_000;
const MOST_FILES = 400;
const HASHED = /\.[0-9a-f]{12}\.\w+$/;
const LEAVING = /^\/(login|logout|lock)\//;
const ENDS = ["/lock/", "/logout/"]; // a form to one of them ends the session
const OFFLINE = self.SHELL[0];
const PICTURE = /<img[^>]* src="(\/(?:static|media)\/[^"]+)"/g;
const ASKS_AGAIN = { cache: "reload" }; // not the browser's own copy of an older worker's time

self.addEventListener("install", (event) => event.waitUntil(prepare()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, event));
  else if (request.method !== "GET") return;
  else if (pathname.startsWith("/static/")) event.respondWith(file(request, HASHED.test(pathname)));
  else if (pathname.startsWith("/media/")) event.respondWith(file(request, false));
});

async function prepare() {
  const files = await caches.open(FILES);
  await Promise.all(self.SHELL.map((url) => files.add(new Request(url, ASKS_AGAIN))));
  await self.skipWaiting();
}

const forget = () => Promise.all([DAY, HANDS].map((name) => caches.delete(name)));

async function page(request, event) {
  const { pathname, search } = new URL(request.url);
  const isDay = pathname === "/" && !search && request.method === "GET";
  if (LEAVING.test(pathname)) await forget();
  const end = request.method === "POST" && ENDS.includes(pathname) ? request.clone() : null;
  try {
    await payUp();
    const answer = await fetch(request);
    if (isDay && answer.ok) event.waitUntil(keep(answer.clone())); // the page itself does not wait for it
    return answer;
  } catch {
    if (end) await owe(end, pathname);
    return (isDay && (await kept())) || (await caches.match(OFFLINE)) || Response.error();
  }
}

// Locked without a connection, it stays locked when there is one: the server is told before it shows a page.
async function owe(request, pathname) {
  const token = new URLSearchParams(await request.text()).get("csrfmiddlewaretoken") ?? "";
  const owed = await caches.open(OWED);
  await owed.put(pathname, new Response(String(new URLSearchParams({ csrfmiddlewaretoken: token }))));
}

async function payUp() {
  const owed = await caches.open(OWED);
  for (const request of await owed.keys()) {
    const form = await owed.match(request);
    const body = new URLSearchParams(await form.text());
    const answer = await fetch(request.url, { method: "POST", body, redirect: "manual" });
    if (answer.status < 500) await owed.delete(request); // 0 for the redirect that follows a lock
  }
}

async function keep(answer) {
  const words = await answer.text();
  const day = await caches.open(DAY);
  const headers = { "Content-Type": "text/html; charset=utf-8", "X-Kept-At": String(Date.now()) };
  const policy = answer.headers.get("Content-Security-Policy");
  if (policy) headers["Content-Security-Policy"] = policy;
  await day.put("/", new Response(words, { headers }));
  // Pictures further down are loaded when she scrolls; without a connection it is too late for that.
  const pictures = [...words.matchAll(PICTURE)].map(([, url]) => new Request(url));
  await Promise.all(pictures.map((each) => file(each, true).catch(() => {})));
}

// Today's page as it was, marked with its age; none on a tablet that lay untouched for so long that it should be locked.
async function kept() {
  const found = await caches.match("/", { cacheName: DAY });
  if (!found) return null;
  const keptAt = Number(found.headers.get("X-Kept-At"));
  const words = await found.text();
  const locksAfter = Number(/ data-locks-after="(\d+)"/.exec(words)?.[1] ?? 0) * 1_000;
  const isLocked = locksAfter && Date.now() - (await touched()) > locksAfter;
  if (isLocked || Date.now() - keptAt > SHIFT) {
    await forget();
    return null;
  }
  return new Response(words.replace("<body ", `<body data-kept-at="${keptAt}" `), { headers: found.headers });
}

async function touched() {
  const found = await caches.match("/touched", { cacheName: HANDS });
  return found ? Number(await found.text()) : 0;
}

async function file(request, isForEver) {
  const files = await caches.open(FILES);
  const found = await files.match(request);
  if (found && isForEver) return found;
  try {
    const answer = await fetch(request);
    if (answer.ok) await add(files, request, answer.clone());
    return answer;
  } catch (error) {
    if (found) return found;
    throw error;
  }
}

async function add(files, request, answer) {
  await files.put(request, answer);
  const names = await files.keys();
  const tooMany = names.slice(0, Math.max(0, names.length - MOST_FILES));
  await Promise.all(tooMany.map((name) => files.delete(name)));
}
