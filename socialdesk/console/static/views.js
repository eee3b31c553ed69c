// How many cases the saved views have: asked for once the page is there, so that no list waits for it.

const EVERY = 30_000;
const lists = document.getElementById("lists");
let counts = {};
let timer = null;

if (lists?.querySelector("[data-view]")) {
  look();
  document.addEventListener("told", () => { timer ??= setTimeout(look, EVERY); });
  new MutationObserver(tell).observe(lists.parentElement, { childList: true });
}

async function look() {
  timer = null;
  const answer = await fetch("/views/counts", { headers: { "X-Fragment": "counts" } }).catch(() => null);
  if (!answer?.ok) return;
  counts = await answer.json();
  tell();
}

// Also where the live feed has drawn the lists anew, without them.
function tell() {
  for (const link of document.querySelectorAll("[data-view]")) {
    const found = counts[link.dataset.view];
    if (!found) continue;
    const number = `${found.cases.toLocaleString(document.documentElement.lang)}${found.more ? "+" : ""}`;
    const place = link.querySelector(".number");
    if (place.textContent !== number) place.textContent = number;
  }
}
