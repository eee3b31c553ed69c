// Follows the feed: when something has happened, the page is asked for again and what differs is replaced.
import { connect, say } from "./connection.js";
import { newestIs } from "./composer.js";
import { arrived, mark } from "./presence.js";
import { entitle, notice, noteNews } from "./notices.js";
import { changeRows, seenUntil } from "./rows.js";
import { saying } from "./sayings.js";
import { tick } from "./times.js";

const EVERY = 20_000; // the header's ages change without any event
const GATHER = 150; // a burst of events is one refresh
const GATHER_UNSEEN = 5_000; // and nobody looks at a hidden page

let timer = null;
let asking = false;
let again = false;
let signedOut = false;

export function follow() {
  connect({ told, present: arrived, concerning, lost: soon, back: soon });
  setInterval(() => { if (!document.hidden) soon(); }, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(); });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

function told(events) {
  noteNews(events);
  tellTaken(events);
  document.dispatchEvent(new CustomEvent("told", { detail: events }));
  if (concerning(events).length) soon();
}

// A list shows something of every case; a case's page itself and what is told on it.
function concerning(events) {
  const open = document.querySelector("[data-case]");
  const told = document.getElementById("flash");
  return events.filter(({ case: id }) => !open || [open.dataset.case, told?.dataset.about].includes(String(id)));
}

function tellTaken(events) {
  const open = document.querySelector("[data-case]")?.dataset.case;
  const taken = events.findLast((event) => event.by && String(event.case) === open);
  if (taken) notice("taken", taken.by);
}

function soon() {
  timer ??= setTimeout(() => { timer = null; refresh(); }, document.hidden ? GATHER_UNSEEN : GATHER);
}

async function refresh() {
  if (asking) { again = true; return; }
  asking = true;
  const answer = await fetch(sinceMade(here()), { headers: { "X-Fragment": "live" } }).catch(() => null);
  if (answer?.status === 401) leadToSignIn();
  else if (answer?.ok) show(await answer.text().catch(() => ""));
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

// With what a list has seen, so that it is told what is new in it on other pages too.
function sinceMade(address) {
  return seenUntil() ? `${address}${address.includes("?") ? "&" : "?"}since=${seenUntil()}` : address;
}

// Whoever has typed something signs in beside it, in another tab; this one goes on when it is looked at again.
function leadToSignIn() {
  signedOut = true;
  const way = `/sign-in?${new URLSearchParams({ next: here() })}`;
  const typed = [...document.querySelectorAll("textarea")].some((area) => area.value.trim() && area.value !== area.defaultValue);
  if (!typed) { location.assign(way); return; }
  const link = Object.assign(document.createElement("a"), { href: way, target: "_blank", textContent: saying("signIn") });
  say(saying("signedOut"), "bad", link);
}

function show(html) {
  if (!html) return;
  if (signedOut) { signedOut = false; say(null); }
  const fresh = new DOMParser().parseFromString(html, "text/html");
  entitle(fresh.title);
  for (const root of [document, fresh]) { tick(root); mark(root); }
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
