// Follows the feed: when something has happened, the page is asked for again and what differs is replaced.
import { tick } from "./times.js";
import { changeRows } from "./rows.js";
import { newestIs } from "./composer.js";

const EVERY = 20_000; // the header's ages change without any event
const GATHER = 150; // a burst of events is one refresh

let timer = null;
let asking = false;
let again = false;

export function follow() {
  listen();
  setInterval(() => { if (!document.hidden) soon(); }, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(); });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

function listen() {
  const source = new EventSource("/live");
  source.addEventListener("open", () => { say(null); soon(); });
  source.addEventListener("error", () => lost(source));
  source.addEventListener("cases", (event) => { if (concerns(JSON.parse(event.data))) soon(); });
}

function concerns(events) {
  const open = document.querySelector("[data-case]");
  const told = document.getElementById("flash");
  return !open || events.some(({ case: id }) => String(id) === open.dataset.case || String(id) === told?.dataset.about);
}

function soon() {
  timer ??= setTimeout(() => { timer = null; refresh(); }, GATHER);
}

async function refresh() {
  if (asking) { again = true; return; }
  asking = true;
  try {
    const answer = await fetch(here(), { headers: { "X-Fragment": "live" } });
    if (answer.status === 401) say("You are signed out. Load the page again to sign in.");
    else if (answer.ok) show(await answer.text());
  } catch {
    say("Connection lost, trying again");
  }
  asking = false;
  if (again) { again = false; soon(); }
}

// The address, with what is being told: its sentence changes when the reply arrives on X. A refused form
// has shown the case under the form's own address, which cannot be asked for.
function here() {
  const address = new URL(location.href);
  const open = document.querySelector("[data-case]");
  if (open) address.pathname = `/cases/${open.dataset.case}`;
  const list = document.querySelector("[data-here]");
  if (list) address.pathname = list.dataset.here;
  const told = document.getElementById("flash");
  if (told) address.searchParams.set("done", told.dataset.done);
  return address.pathname + address.search;
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  document.title = fresh.title;
  tick(document);
  tick(fresh);
  for (const region of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(region.id);
    if (!next || next.isEqualNode(region) || selectedIn(region) || region.querySelector(":popover-open, .more[open], .picker[open]")) continue;
    if (region.hasAttribute("data-rows")) changeRows(region, next);
    else if (region.role === "status") announce(region, next);
    else keepingFocus(region, () => region.replaceWith(next));
  }
  const composer = fresh.getElementById("composer");
  if (composer) newestIs(composer);
}

// Only what changes inside a status is read out; a new status in its place would be silent.
function announce(region, next) {
  region.className = next.className;
  region.replaceChildren(...next.childNodes);
}

function selectedIn(region) {
  const selection = getSelection();
  return !selection.isCollapsed && region.contains(selection.anchorNode);
}

function keepingFocus(region, change) {
  const focused = region.contains(document.activeElement) ? document.activeElement : null;
  const place = focused && [...region.querySelectorAll("a, button, summary")].indexOf(focused);
  change();
  if (focused) document.getElementById(region.id).querySelectorAll("a, button, summary")[place]?.focus({ preventScroll: true });
}

function lost(source) {
  say("Connection lost, trying again");
  if (source.readyState !== EventSource.CLOSED) return;
  setTimeout(listen, 10_000);
}

function say(what) {
  const line = document.getElementById("connection");
  line.hidden = !what;
  line.textContent = what ?? "";
}
