// What the page offers to do, for the palette and for the help: also what is folded away in a menu or behind "More".
import { search } from "./picker.js";

const ACTIONS = "[data-key], [data-action], main button, main summary, main a.button, main :is(.acts, .list-head, .paging, .aside p) a, .troubles button";
const ELSEWHERE = "[data-go], .row *, .picker :not(summary), .lists a, dialog *";

// Those that can be done now, each key once: of many entries those of the one that the agent is in.
export function actions() {
  const all = [...document.querySelectorAll(ACTIONS)].filter((each) => !each.matches(ELSEWHERE) && !each.disabled && isOffered(each));
  return all.filter(isHere);
}

function isHere(element) {
  const [entry, key] = [element.closest(".entry"), element.dataset.key];
  if (key) return nearest(`[data-key="${key}"]`) === element;
  return !entry || entry === entryHere();
}

function entryHere() {
  return document.activeElement.closest(".entry") ?? document.querySelector(".entry");
}

// Of what every entry of a list has, the one of the entry in which the agent is.
export function nearest(what) {
  return entryHere()?.querySelector(what) ?? document.querySelector(what);
}

function isOffered(element) {
  const fold = foldOf(element);
  if (!fold) return element.checkVisibility();
  return !element.closest("[hidden]") && isOffered(opener(fold));
}

// The closed menu or details that the element is in.
function foldOf(element) {
  const closed = element.closest("[popover]:not(:popover-open), details:not([open])");
  return closed && closed.querySelector(":scope > summary") !== element ? closed : null;
}

function opener(fold) {
  return fold.querySelector(":scope > summary") ?? document.querySelector(`[popovertarget="${CSS.escape(fold.id)}"]`) ?? document.head;
}

export function nameOf(element) {
  const label = element.labels?.[0] ?? element;
  return plain(element.dataset.action || element.ariaLabel || label.innerText || label.textContent);
}

function plain(words) {
  return words.replace(/\s+/g, " ").trim();
}

// What the menu is called that it is in, and by what else it is found: the name of what opens that.
export function about(element) {
  const fold = element.closest("[popover], details:not(.entry *)");
  if (!fold || element.matches("summary")) return { menu: "", besides: "" };
  const title = document.getElementById(fold.getAttribute("aria-labelledby"));
  const menu = plain((title ?? opener(fold)).textContent);
  return { menu, besides: nameOf(opener(fold)) };
}

// Whether it only opens something or leads somewhere: nothing has been done yet then.
export function isHarmless(element) {
  return element.matches("textarea, [type=radio], summary, [popovertarget], a");
}

// As its key does it. Where something has to be filled in first, that is opened.
export function reach(element) {
  const missing = lacking(element);
  if (missing) return uncover(missing);
  if (element.matches("textarea")) write(element);
  else if (element.matches(".picker > summary") && !element.parentElement.open) search(element.parentElement);
  else element.click();
  if (element.matches("[type=radio]")) document.getElementById(element.dataset.reaches ?? "text").focus();
  if (element.matches("summary")) element.parentElement.querySelector("textarea, form input:not([type=hidden])")?.focus();
}

// The field without which the button would be pressed in vain.
function lacking(button) {
  if (!button.matches("button") || button.type !== "submit" || !button.form || button.formNoValidate) return null;
  const beside = [...(button.closest(".own")?.querySelectorAll("input:not([type=hidden])") ?? [])].find((each) => !each.value);
  return beside ?? [...button.form.elements].find((each) => each.willValidate && !each.validity.valid) ?? null;
}

function uncover(field) {
  for (let fold = foldOf(field); fold; fold = foldOf(field)) {
    if (fold.matches("details")) fold.open = true;
    else fold.showPopover();
  }
  field.focus();
}

// While a note is written the reply is out of sight: back to it, by the door that the page came with.
function write(area) {
  const doors = [...area.form.querySelectorAll("[name=as]:not([value=note])")];
  if (!area.checkVisibility()) (doors.find((door) => door.defaultChecked) ?? doors[0])?.click();
  area.focus();
}
