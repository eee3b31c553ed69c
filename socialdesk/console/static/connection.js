// The connection to the live feed. When it is lost the page says since when, tries again ever more seldom, and
// once it is back the server tells what was missed.
import { counted, saying } from "./sayings.js";
import { clockTime } from "./times.js";

const FIRST = 1_000; // how long until it is tried again, twice as long each time
const LONGEST = 30_000;
const SILENT = 40_000; // the server says something every 15 s
const SHOWN = 10_000; // how long it is told that the page has caught up
const line = document.getElementById("connection");

let source = null;
let newest = line?.dataset.told ?? ""; // what happens from the moment the page was made on is told
let connected = false;
let heardAt = Date.now();
let lostAt = null;
let missed = null;
let wait = FIRST;
let timer = null;
let leaving = false;

// Whether it is, as far as is known; a page that follows no feed never knows.
export function isLost() {
  return Boolean(line) && (lostAt !== null || !navigator.onLine);
}

// Calls `told` with events, `present` with who is where, `lost` at each failure and `back` after one.
export function connect(listener) {
  open(listener);
  setInterval(() => { if (source && Date.now() - heardAt > SILENT) lose(listener, new Date(heardAt)); }, 5_000);
  addEventListener("online", () => again(listener));
  addEventListener("offline", () => { if (source) lose(listener, new Date()); });
  addEventListener("pagehide", () => { leaving = true; source?.close(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !source) again(listener); });
}

function open(listener) {
  timer = null;
  heardAt = Date.now();
  const opened = new EventSource(`/live?after=${newest}`);
  source = opened;
  missed = lostAt && connected ? [] : null; // who was never connected cannot be told what he has missed
  hear(opened, "cases", (events) => { missed?.push(...events); listener.told(events); });
  hear(opened, "presence", listener.present);
  hear(opened, "begun", () => { connected = true; if (lostAt) caughtUp(listener); missed = null; wait = FIRST; line.dataset.newest = newest; });
  hear(opened, "still", () => {});
  opened.addEventListener("error", () => { if (opened === source) lose(listener, new Date()); });
}

function hear(opened, name, act) {
  opened.addEventListener(name, (event) => {
    heardAt = Date.now();
    newest = event.lastEventId || newest;
    act(JSON.parse(event.data));
  });
}

function lose(listener, since) {
  if (leaving) return;
  source.close();
  source = null;
  lostAt ??= since;
  say(saying("lost", { time: clockTime(lostAt) }));
  timer ??= setTimeout(() => open(listener), wait * (0.75 + Math.random() / 2)); // not all consoles at once
  wait = Math.min(wait * 2, LONGEST);
  listener.lost();
}

function again(listener) {
  if (source) return;
  clearTimeout(timer);
  wait = FIRST;
  open(listener);
}

function caughtUp(listener) {
  lostAt = null;
  document.dispatchEvent(new Event("reconnected"));
  listener.back();
  if (!missed) { say(null); return; }
  const number = listener.concerning(missed).length;
  const told = number ? counted("caught", number) : saying("caughtNothing");
  say(told, "good");
  setTimeout(() => { if (line.textContent === told) say(null); }, SHOWN);
}

export function say(what, mood = "bad", link = null) {
  line.hidden = !what;
  line.className = mood;
  line.replaceChildren(what ?? "", ...(link ? [" ", link] : []));
}
