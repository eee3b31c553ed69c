// How much of the window the header covers, which depends on the language and on the accounts: the sheet's own
// number is a guess. Nothing but what sticks below the header, or is scrolled to, goes by it.

const BELOW = 8; // pixels
const header = document.querySelector(".top");

if (header) new ResizeObserver(measure).observe(header);
measure();

function measure() {
  const stays = header && getComputedStyle(header).position === "sticky";
  if (stays) document.documentElement.style.setProperty("--top", `${header.offsetHeight + BELOW}px`);
  else document.documentElement.style.removeProperty("--top");
}
