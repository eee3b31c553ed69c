// Choosing rows of the queue: x takes the focused one, Shift+x all between it and the one before. What is chosen
// stays chosen when the live feed draws the rows anew, also on another page of the list: see carried.js; and when the
// agent comes back to the page, say from the one that says what will happen. Also: which zone his clock is in.
import { ask, carried, carry, takeBack } from "./carried.js";

const GATHER = 150; // a burst of events is one question

const form = document.getElementById("together");
const rows = document.getElementById("rows");
const further = document.getElementById("further-rows");
const chosen = new Set();
let last = null;
let timer = null;

tellZone();
// Something was done to them: back in the list they are not chosen for it once more.
if (document.querySelector(".together-page[data-here], .outcomes")) sessionStorage.removeItem("chosen");
new MutationObserver(tellZone).observe(document.body, { childList: true, subtree: true });

if (form && rows) {
  document.addEventListener("keydown", pressed);
  for (const list of [further, rows, carried]) {
    list.addEventListener("change", (event) => { if (event.target.matches(".pick input")) take(event.target); });
    list.addEventListener("click", (event) => { if (event.shiftKey && event.target.matches(".pick input")) stretch(event.target); });
    if (list === carried) continue;
    new MutationObserver(restore).observe(list, { childList: true });
    list.addEventListener("left", restore);
  }
  document.addEventListener("told", ({ detail }) => { if (detail?.some((each) => carried.querySelector(`[data-carried="${each.case}"]`))) soon(); });
  document.addEventListener("reconnected", soon);
  addEventListener("pagehide", keep);
  for (const box of boxes()) if (box.checked) chosen.add(box.value);
  comeBack();
  restore();
}

function pressed(event) {
  if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!document.getElementById("keys-on").checked || event.target.matches("input:not([type=checkbox]), select, textarea")) return;
  const box = document.activeElement.closest(".row")?.querySelector(".pick input");
  if (!box) return;
  event.preventDefault();
  box.checked = !box.checked;
  if (event.shiftKey) stretch(box);
  take(box);
}

// Of the rows that the list has; what has left it stands there to be seen, but is not chosen by it any more.
function boxes() {
  return [...further.querySelectorAll(".row:not(.left) .pick input"), ...rows.querySelectorAll(".row:not(.left) .pick input")];
}

function left() {
  return [...document.querySelectorAll(".row.left .pick input")];
}

function everywhere() {
  return [...boxes(), ...carried.querySelectorAll(".pick input")];
}

function take(box) {
  last = box.value;
  remember(box);
  if (left().includes(box)) restore();
  else tell();
}

function remember(box) {
  if (box.checked) chosen.add(box.value);
  else chosen.delete(box.value);
}

// For this window alone. No browser does it by itself: of a page that is not to be stored it keeps nothing, and
// what is carried is on none.
function keep() {
  sessionStorage.setItem("chosen", JSON.stringify({ address: location.pathname + location.search, values: [...chosen] }));
}

// Back, or the same page once more: who goes on by a link begins anew.
function comeBack() {
  const [way] = performance.getEntriesByType("navigation");
  if (way?.type !== "navigate") for (const value of kept()) chosen.add(value);
}

// None where what is kept is another page's, or nothing that was written above.
function kept() {
  try {
    const { address, values } = JSON.parse(sessionStorage.getItem("chosen"));
    return address === location.pathname + location.search ? values.filter((each) => /^\d+$/.test(each)) : [];
  } catch {
    return [];
  }
}

// All from the row touched last to this one become as this one is.
function stretch(box) {
  const all = boxes();
  const [from, to] = [all.findIndex((each) => each.value === last), all.indexOf(box)].sort((a, b) => a - b);
  if (from < 0) return;
  for (const each of all.slice(from, to + 1)) {
    each.checked = box.checked;
    remember(each);
  }
}

// What has left the page is carried along; what the list has no more is not.
function restore() {
  const here = boxes();
  takeBack(here.map((box) => box.value));
  for (const box of here) box.checked = chosen.has(box.value);
  for (const box of left()) box.checked = false;
  const there = everywhere().map((box) => box.value);
  carry([...chosen].filter((value) => !there.includes(value)), release);
  tell();
}

// A colleague has done something to a case that is carried: the list may have it no more.
function soon() {
  timer ??= setTimeout(() => { timer = null; ask(release); }, GATHER);
}

function release(gone) {
  for (const value of gone) chosen.delete(value);
  tell();
}

function tell() {
  const line = form.querySelector("[data-picked]");
  line.textContent = line.dataset.picked.replace("{number}", chosen.size);
}

function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  for (const field of document.querySelectorAll("input[data-own-zone]")) if (field.value !== zone) field.value = zone;
}
