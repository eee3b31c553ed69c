// What is folded in a case's thread stays open when the live feed draws the thread anew, and what stands beside it
// stays at the height where it is read.

const place = document.querySelector(".case");
const FOLDS = "#thread li[id] > details";
const open = new Set();
let top = 0;

if (place) {
  place.addEventListener("toggle", (event) => { if (event.target.matches(FOLDS)) remember(event.target); }, true); // neither bubbles
  place.addEventListener("scroll", (event) => { if (event.target.id === "aside") top = event.target.scrollTop; }, true);
  new MutationObserver(restore).observe(place, { childList: true });
  new MutationObserver(restore).observe(place.querySelector(".talk"), { childList: true });
}

function remember(fold) {
  if (fold.open) open.add(fold.parentElement.id);
  else open.delete(fold.parentElement.id);
}

function restore() {
  for (const fold of document.querySelectorAll(FOLDS)) if (open.has(fold.parentElement.id)) fold.open = true;
  const aside = document.getElementById("aside");
  if (aside && aside.scrollTop !== top) aside.scrollTop = top;
}
