// The list of templates: opened, it is searched by typing; arrows move in it and Enter takes the first found.

document.addEventListener("toggle", opened, true); // does not bubble
document.addEventListener("input", (event) => { if (event.target.matches(".picker .filter")) sift(event.target); });
document.addEventListener("keydown", pressed, true); // before the keys of the page

function opened(event) {
  if (event.target.matches?.(".picker") && event.target.open) search(event.target);
}

// Who opens it by a key goes on typing at once, before the browser tells that it is open.
export function search(picker) {
  const filter = picker.querySelector(".filter");
  if (document.activeElement === filter) return;
  picker.open = true;
  filter.hidden = false;
  filter.value = "";
  sift(filter);
  filter.focus();
}

function sift(filter) {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const picker = filter.closest(".picker");
  for (const link of picker.querySelectorAll("a.template")) {
    const name = link.textContent.toLowerCase();
    link.parentElement.hidden = !words.every((word) => name.includes(word));
  }
  picker.querySelector(".none").hidden = found(picker).length > 0;
}

// Those of the door that is chosen: the other list is not shown.
function found(picker) {
  return [...picker.querySelectorAll("a.template")].filter((link) => link.checkVisibility());
}

function pressed(event) {
  const picker = event.target.closest?.(".picker[open]");
  if (!picker || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = deed(event, picker);
  if (act === undefined) return;
  event.stopPropagation();
  if (!act) return;
  event.preventDefault();
  act();
}

// Nothing to do leaves the key to the browser; undefined leaves it to the page too.
function deed(event, picker) {
  const filter = picker.querySelector(".filter");
  const links = found(picker);
  const here = links.indexOf(document.activeElement);
  if (event.key === "Escape") return () => { picker.open = false; picker.querySelector("summary").focus(); };
  if (event.key === "ArrowDown") return () => links[Math.min(here + 1, links.length - 1)]?.focus();
  if (event.key === "ArrowUp") return () => (links[here - 1] ?? filter).focus();
  if (event.target === filter) return event.key === "Enter" ? () => links[0]?.click() : null;
  if (here >= 0 && event.key.length === 1 && event.key !== " ") return () => { filter.focus(); filter.value += event.key; sift(filter); };
  return undefined;
}
