// Beside the queue, where there is room: the case of the row that the agent is in, or rests the mouse on, to read.
// Whoever goes on quickly asks for none of those in between.
import { tick } from "./times.js";

const PAUSE = 150;
const REST = 350; // a mouse that only passes means nothing
const GATHER = 300; // a burst of events is one look
const KEPT = 400 * 24 * 3600; // seconds: no browser keeps one longer
const pane = document.getElementById("glance");
const place = document.getElementById("glance-case");
const button = document.getElementById("pane-switch");
const queue = pane?.parentElement;
const wide = matchMedia("(min-width: 87.5rem)");
const marks = new CSSStyleSheet();

let current = null; // the id of the row whose case is meant
let drawn = { row: null, html: "" };
let pointed = null;
let asking = null;
let timer = null;
let resting = null;
let missed = false;

if (pane) {
  document.adoptedStyleSheets.push(marks);
  document.addEventListener("focusin", (event) => go(rowOf(event.target), PAUSE));
  for (const list of document.querySelectorAll(".queue [data-rows]")) {
    list.addEventListener("pointermove", rest);
    list.addEventListener("pointerleave", () => { pointed = null; clearTimeout(resting); });
  }
  document.addEventListener("keydown", lead, true);
  document.addEventListener("told", (event) => { if (event.detail?.some((each) => `case-${each.case}` === current)) again(); });
  document.addEventListener("reconnected", again);
  document.addEventListener("visibilitychange", () => { if (missed && !document.hidden) again(); });
  wide.addEventListener("change", () => { if (isThere()) look("glance"); });
  button.addEventListener("click", turn);
  go(rowOf(document.activeElement), 0);
}

function rowOf(element) {
  return element?.closest?.("#rows > .row, #further-rows > .row")?.id;
}

function isThere() {
  return wide.matches && queue.classList.contains("reads");
}

function go(row, pause) {
  if (!row || row === current) return;
  current = row;
  asking?.abort();
  clearTimeout(timer);
  pane.classList.toggle("stale", drawn.row !== row);
  marks.replaceSync(`.reads #${row} { --read: var(--accent-soft); }`); // also while the pane is not there: it may come
  if (!isThere()) return;
  timer = setTimeout(() => look("glance"), pause);
}

// The list that moves under a mouse that stands still has not been pointed at.
function rest(event) {
  const row = rowOf(event.target);
  if (event.pointerType !== "mouse" || row === pointed || !(event.movementX || event.movementY)) return;
  pointed = row;
  clearTimeout(resting);
  resting = setTimeout(() => go(row, 0), REST);
}

// From the pane, or from nowhere, j and k go on from the row whose case is read.
function lead(event) {
  if (!["j", "k"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey || !isThere()) return;
  if (event.target.matches("input, select, textarea") || document.querySelector("dialog[open], :popover-open")) return;
  if (!document.getElementById("keys-on").checked || rowOf(document.activeElement)) return;
  document.getElementById(current)?.querySelector(".open").focus({ preventScroll: true });
}

function again() {
  missed = document.hidden;
  if (missed || !current || !isThere()) return;
  clearTimeout(timer);
  timer = setTimeout(() => look("live"), GATHER);
}

async function look(fragment) {
  clearTimeout(timer);
  asking?.abort();
  if (!current) return;
  const [row, mine] = [current, new AbortController()];
  asking = mine;
  try {
    const address = `/cases/${row.replace("case-", "")}/glance?${new URLSearchParams({ from: pane.dataset.from })}`;
    const answer = await fetch(address, { headers: { "X-Fragment": fragment }, signal: mine.signal });
    if (answer.status === 401) return; // the live feed leads to the sign-in
    if (answer.ok) show(row, await answer.text());
    else tell(row, answer.status === 404 ? pane.dataset.gone : pane.dataset.failed);
  } catch (error) {
    if (error.name !== "AbortError") tell(row, pane.dataset.failed);
  }
}

// Only whose case it is is read out, and only when it is another.
function show(row, html) {
  const [same, thread] = [drawn.row === row, place.querySelector(".glance-thread")];
  pane.classList.remove("stale");
  if (same && (drawn.html === html || selecting())) return;
  const down = same && thread && thread.scrollHeight - thread.scrollTop - thread.clientHeight > 40 ? thread.scrollTop : null;
  const focused = place.contains(document.activeElement) ? document.activeElement.matches(".glance-thread") ? ".glance-thread" : "h2 a" : null;
  const fresh = new DOMParser().parseFromString(html, "text/html");
  tick(fresh);
  place.replaceChildren(...fresh.body.childNodes);
  drawn = { row, html };
  const now = place.querySelector(".glance-thread");
  now.scrollTop = down ?? now.scrollHeight;
  if (focused) place.querySelector(focused).focus({ preventScroll: true });
  if (!same) document.getElementById("glance-told").textContent = place.querySelector("[data-says]").dataset.says;
}

function tell(row, sentence) {
  pane.classList.remove("stale");
  place.replaceChildren(Object.assign(document.createElement("p"), { className: "note", textContent: sentence }));
  drawn = { row: null, html: "" };
  document.getElementById("glance-told").textContent = sentence;
}

function selecting() {
  const selection = getSelection();
  return !selection.isCollapsed && place.contains(selection.anchorNode);
}

// Kept where the desk reads it, so that the next page comes with the pane or without it and nothing moves.
function turn() {
  if (!wide.matches) return; // its key does nothing where there is no room
  const on = queue.classList.toggle("reads");
  button.ariaPressed = String(on);
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `desk-pane=${on ? "on" : "off"}; path=/; max-age=${KEPT}; samesite=lax${secure}`;
  if (isThere()) look("glance");
}
