// Keys: an element says with data-key which letter reaches it. They can be switched off in the help.
import { search } from "./picker.js";

const help = document.getElementById("help");
const opener = document.getElementById("open-help");
const choice = document.getElementById("keys-on");

if (help) {
  opener.hidden = false;
  opener.addEventListener("click", () => help.showModal());
  choice.checked = localStorage.getItem("keys") !== "off";
  choice.addEventListener("change", () => localStorage.setItem("keys", choice.checked ? "on" : "off"));
  document.addEventListener("keydown", pressed);
}

function pressed(event) {
  if (event.isComposing || event.altKey || help.open) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return approve(event);
  if (event.ctrlKey || event.metaKey) return;
  if (event.target.matches("input:not([type=checkbox]), select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (!choice.checked || document.querySelector(":popover-open")) return; // a menu has letters of its own
  if (event.key === "Escape") return back(event);
  if (event.key === "?") return done(event, () => help.showModal());
  if (event.key === "/") return done(event, () => document.getElementById("search").select());
  if (event.key === "j" || event.key === "k") return done(event, () => move(event.key === "j" ? 1 : -1));
  const reached = /^[a-z]$/.test(event.key) && nearest(`[data-key="${event.key}"]`);
  if (reached) done(event, () => reach(reached));
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
  const place = form || (event.target.closest("#composer, .entry") ?? document.getElementById("approve-many"));
  const button = place?.querySelector(".approve") ?? (form && form.querySelector("button:not([type=button])"));
  if (button) done(event, () => button.click());
}

// Of what every entry of a list has, the one of the entry in which the agent is.
function nearest(what) {
  const here = document.activeElement.closest(".entry") ?? document.querySelector(".entry");
  return here?.querySelector(what) ?? document.querySelector(what);
}

function move(step) {
  const links = [...document.querySelectorAll(".row .open, .entry .open")];
  if (!links.length) return;
  const here = links.findIndex((link) => link.closest(".row, .entry").contains(document.activeElement));
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + step, 0), links.length - 1);
  links[next].focus({ preventScroll: true });
  links[next].closest(".row, .entry").scrollIntoView({ block: "nearest" });
}

function reach(element) {
  if (element.matches("textarea")) element.focus();
  else if (element.matches(".picker > summary") && !element.parentElement.open) search(element.parentElement);
  else element.click();
  if (element.matches("[type=radio]")) document.getElementById("text").focus();
  if (element.matches("summary")) element.parentElement.querySelector("textarea")?.focus();
}
