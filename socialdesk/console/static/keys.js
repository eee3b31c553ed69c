// Keys: an element says with data-key which letter reaches it. They can be switched off in the help.

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
  if (event.target.matches("input, select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (!choice.checked || document.querySelector(":popover-open")) return; // a menu has letters of its own
  if (event.key === "?") return done(event, () => help.showModal());
  if (event.key === "/") return done(event, () => document.getElementById("search").select());
  if (event.key === "j" || event.key === "k") return done(event, () => move(event.key === "j" ? 1 : -1));
  const reached = /^[a-z]$/.test(event.key) && document.querySelector(`[data-key="${event.key}"]`);
  if (reached) done(event, () => reach(reached));
}

function done(event, act) {
  event.preventDefault();
  act();
}

function approve(event) {
  const button = document.querySelector("#composer .approve");
  if (button && event.target.closest("#composer")) done(event, () => button.click());
}

function move(step) {
  const links = [...document.querySelectorAll(".row .open")];
  if (!links.length) return;
  const here = links.indexOf(document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + step, 0), links.length - 1);
  links[next].focus({ preventScroll: true });
  links[next].closest(".row").scrollIntoView({ block: "nearest" });
}

function reach(element) {
  if (element.matches("textarea")) element.focus();
  else element.click();
}
