// What is typed into the composer is kept at the desk without a press: after a pause, and when the page is left.
// Another window of the same agent may have other words: both are shown, and neither is lost.
import { press, tellTrouble, trouble } from "./sending.js";

const PAUSE = 250;
const AFTER_FAILURE = 3000;
const LONGEST_HOLD = 3000;
const OUTLIVES = 60_000; // characters of a form that a browser still sends for a page that is gone
const BY_ITSELF = { "X-Fragment": "kept" }; // asked by the clock: no session lasts longer for that
const FIELDS = ["text", "as", "template", "seen", "given", "version"];
const PAGE = Math.random().toString(36).slice(2, 14); // of all windows this one
let form = null;
let take = null;
let known = "";
let timer = null;
let onItsWay = null;
let sending = false;
let renewed = false;
let other = null;
let failed = false;
let asking = false; // whether the desk can be reached, before the words are sent
let touched = false; // by the agent, since the words were sent last
let door = ""; // what is written goes there; a note is none
let left = ""; // the words sent as the page was left
let passing = false; // what was held back goes on

export function begin(composer, use) {
  [form, take] = [composer, use];
  known = words();
  form.addEventListener("submit", submitted);
  document.addEventListener("submit", held, true);
  for (const kind of ["input", "click", "keydown"]) form.addEventListener(kind, () => { touched = true; });
  addEventListener("beforeunload", leaving);
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); });
  const place = document.getElementById("elsewhere");
  place.querySelector(".use-other").addEventListener("click", () => settle(() => take(other)));
  place.querySelector(".keep-mine").addEventListener("click", () => settle(() => {}));
}

// What the form has now came from the desk, and needs no keeping.
export function stands() {
  clearTimeout(timer);
  known = words();
}

export function keepSoon(pause = PAUSE) {
  clearTimeout(timer);
  timer = setTimeout(keep, pause);
}

export async function keep({ renew = false } = {}) {
  clearTimeout(timer);
  renewed ||= renew;
  while (onItsWay) await onItsWay;
  if (!unsaved() || other) return;
  await begun(exchange({ signal: AbortSignal.timeout(5000) }));
  if (words() !== known && !other) keepSoon(failed ? AFTER_FAILURE : PAUSE);
}

function unsaved() {
  return !sending && (words() !== known || renewed);
}

// Before the next page is asked for, so that it is made after the words have come; and only where they can't
// be kept, the agent is asked whether to leave.
function leaving(event) {
  if (unsaved() && (failed || other)) event.preventDefault();
  leave();
}

function leave() {
  clearTimeout(timer);
  if (!unsaved() || other || words() === left) return;
  left = words();
  begun(Promise.all([onItsWay, exchange({ keepalive: true })]));
}

function begun(exchanged) {
  const mine = exchanged.finally(() => { if (onItsWay === mine) onItsWay = null; });
  onItsWay = mine;
  return mine;
}

function words() {
  const chosen = form.elements.as.value;
  door = chosen === "note" ? door || form.elements.kept_as.value : chosen;
  return JSON.stringify(FIELDS.map((name) => name === "as" ? door : form.elements[name].value));
}

async function exchange(options) {
  const [sent, told] = [words(), renewed];
  const answer = await post(options).catch(() => null);
  const row = await answer?.json().catch(() => null);
  failed = !answer?.ok || !row;
  if (!failed || answer?.status === 401) tellTrouble(form, failed ? "notSent" : null);
  if (failed) left = "";
  if (answer?.status === 409 && row) { differs(row); return; }
  if (failed) return;
  note(row);
  known = sent;
  if (told) renewed = false;
  forgetAddress();
}

function post(options) {
  const fields = new FormData(form);
  fields.set("keep", "true");
  fields.set("as", door);
  fields.set("page", PAGE);
  if (renewed) fields.set("renew", "true");
  const headers = { Accept: "application/json", ...(touched ? {} : BY_ITSELF) };
  touched = false;
  const body = new URLSearchParams(fields);
  if (body.toString().length > OUTLIVES) delete options.keepalive;
  return fetch(form.action, { method: "POST", body, headers, ...options });
}

function note(row) {
  form.elements.kept.value = row.kept;
  form.elements.kept_as.value = row.kept_as;
  document.getElementById("kept-note").hidden = !row.kept;
}

// A template or a reply named in the address would take the place of what was kept, were the page loaded again.
function forgetAddress() {
  const address = new URL(location.href);
  for (const name of ["template", "as", "again"]) address.searchParams.delete(name);
  if (address.href !== location.href && /^\/cases\/\d+$/.test(address.pathname)) history.replaceState(history.state, "", address);
}

function differs(row) {
  other = row;
  const place = document.getElementById("elsewhere");
  place.classList.toggle("is-gone", !row.text);
  place.querySelector(".text").textContent = row.text;
  place.hidden = false;
}

function settle(act) {
  note(other);
  act();
  other = null;
  document.getElementById("elsewhere").hidden = true;
  keepSoon();
}

// What is on its way first: else it could arrive after the reply and be taken for new words. And the desk is asked
// first: a page to sign in, or the browser's own of a desk that is down, would take the place of the words.
async function submitted(event) {
  clearTimeout(timer);
  if (sending) return;
  event.preventDefault();
  if (asking) return;
  asking = true;
  const button = event.submitter;
  await onItsWay;
  const told = await trouble();
  asking = false;
  tellTrouble(form, told);
  if (told) return;
  sending = true;
  press(form, button);
}

// Any other form of the page leads to one that is made anew: the words come first, else it could be made without.
async function held(event) {
  const [asked, button] = [event.target, event.submitter];
  if (passing || asked === form || asked.method === "dialog") return;
  if (other || failed || !(unsaved() || onItsWay)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  await Promise.race([keep(), new Promise((late) => setTimeout(late, LONGEST_HOLD))]);
  if (!asked.isConnected) return; // the page has put another in its place, which may do something else
  passing = true;
  try {
    press(asked, button);
  } finally {
    passing = false;
  }
}
