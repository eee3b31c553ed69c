// Keys: an element says with data-key which letter reaches it, and with data-go which leads there after a g.
// They can be switched off in the help.
import { actions, nameOf, nearest, reach } from "./offers.js";
import { openPalette } from "./palette.js";
import { deed, looking } from "./together.js";

const GOING = 1500; // how long a g waits for the second letter
const ROWS = ".row, .entry, [data-step]";
const help = document.getElementById("help");
const opener = document.getElementById("open-help");
const choice = document.getElementById("keys-on");
let goingUntil = 0;

if (help) {
  opener.addEventListener("click", openHelp);
  choice.checked = localStorage.getItem("keys") !== "off";
  choice.addEventListener("change", () => localStorage.setItem("keys", choice.checked ? "on" : "off"));
  document.addEventListener("keydown", pressed);
  addEventListener("DOMContentLoaded", goOn); // once everything on the page is as it was left
}

function pressed(event) {
  if (event.isComposing || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return approve(event);
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) return done(event, openPalette);
  if (event.ctrlKey || event.metaKey) return;
  if (event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "Escape" && event.target.matches("#composer input")) return done(event, () => event.target.blur());
  if (!choice.checked || document.querySelector(":popover-open")) return; // a menu has letters of its own
  single(event);
}

function single(event) {
  if (event.key === "Escape") return back(event);
  if (event.key === "?") return done(event, openHelp);
  if (event.key === "/") return done(event, () => document.getElementById("search").select());
  if (Date.now() < goingUntil) return go(event);
  if (event.key === "g") return done(event, () => { goingUntil = Date.now() + GOING; });
  if (event.key === "j" || event.key === "k") return done(event, () => move(event.key === "j" ? 1 : -1));
  const reached = /^[a-z.]$/.test(event.key) && nearest(`[data-key="${event.key}"]`);
  const act = reached ? () => reach(reached) : deed(event.key);
  if (act) done(event, act);
}

// With the key by which the case was opened from a list.
function goOn() {
  const key = sessionStorage.getItem("then");
  sessionStorage.removeItem("then");
  const reached = key && document.querySelector("[data-case]") && nearest(`[data-key="${key}"]`);
  if (reached) reach(reached);
}

function go(event) {
  goingUntil = 0;
  const way = /^[a-z]$/.test(event.key) && document.querySelector(`[data-go="${event.key}"]`);
  if (way) done(event, () => way.click());
}

function done(event, act) {
  event.preventDefault();
  act();
}

// Out of what is open, else to where the agent came from.
function back(event) {
  const open = document.querySelector(".more[open], .picker[open], .send-back[open]");
  const way = document.querySelector("a.back, .back a");
  if (open) done(event, () => { open.open = false; open.querySelector("summary").focus(); });
  else if (way) done(event, () => way.click());
}

// Who is writing submits what he writes in: the reason why a reply goes back approves nothing.
function approve(event) {
  const form = event.target.matches("textarea, input:not([type=checkbox], [type=radio])") && event.target.form;
  const together = !form && (looking() ?? chosenDrafts());
  if (together) return done(event, together);
  const place = form || (event.target.closest("#composer, .entry") ?? document.getElementById("approve-many") ?? written());
  if (place?.matches?.(".take")) return done(event, () => place.click());
  const button = place?.querySelector(".approve") ?? (form && form.querySelector("button:not([type=button])"));
  if (button) done(event, () => button.click());
}

// Where some are chosen they are meant, not the one that the agent is at: they are looked at together first.
function chosenDrafts() {
  const bar = document.querySelector(".choose input:checked") && document.querySelector("#many .approve");
  return bar ? () => bar.click() : null;
}

// The one reply of a case's page, wherever on it the agent is: what he writes, or while he writes nothing
// what is proposed, which is taken first and approved by the next press.
function written() {
  if (document.getElementById("text")?.value.trim()) return document.getElementById("composer");
  const proposed = [...document.querySelectorAll(".proposal .take")].filter((link) => link.checkVisibility());
  return proposed.length === 1 ? proposed[0] : null;
}

// Through the rows of a list, or of a table: in that from one to the next in the same column.
function move(step) {
  const links = [...document.querySelectorAll(".row .open, .entry .open, [data-step]")].map((each) => (each.matches("[data-step]") ? linkIn(each) : each));
  if (!links.length) return;
  const focused = links.findIndex((link) => link.closest(ROWS).contains(document.activeElement));
  const here = focused < 0 ? links.findIndex((link) => link.ariaCurrent) : focused;
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + step, 0), links.length - 1);
  links[next].focus({ preventScroll: true });
  links[next].closest(ROWS).scrollIntoView({ block: "nearest" });
}

function linkIn(row) {
  const cell = document.activeElement.closest("[data-step] > td");
  const below = cell && row.children[[...cell.parentElement.children].indexOf(cell)];
  return below?.querySelector("a") ?? row.querySelector("a");
}

// Only what this page has is listed; a key that no line speaks of is listed by the name of what it reaches.
function openHelp() {
  const lines = [...help.querySelectorAll(".keys > div:not(.found)")];
  for (const line of lines) line.hidden = Boolean(line.dataset.needs) && !visible(line.dataset.needs);
  for (const line of help.querySelectorAll(".found")) line.remove();
  const told = new Set([...help.querySelectorAll(".keys [data-tells]")].flatMap((line) => line.dataset.tells.split(" ")));
  const others = actions().filter((each) => each.dataset.key && !told.has(each.dataset.key));
  help.querySelector(".keys").append(...others.map(line));
  help.showModal();
}

function visible(what) {
  return [...document.querySelectorAll(what)].some((each) => each.checkVisibility());
}

function line(element) {
  const line = Object.assign(document.createElement("div"), { className: "found" });
  const [key, name] = [document.createElement("dt"), document.createElement("dd")];
  key.append(Object.assign(document.createElement("kbd"), { textContent: element.dataset.key }));
  name.textContent = nameOf(element);
  line.append(key, name);
  return line;
}
