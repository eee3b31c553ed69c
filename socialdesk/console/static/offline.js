// While the connection is lost nothing of the page is sent and no other page is asked for before the desk has
// answered: the browser's own page of a desk that is not there would take the place of this one, and of the words.
import { isLost } from "./connection.js";
import { remark } from "./notices.js";
import { saying } from "./sayings.js";
import { press, trouble } from "./sending.js";

const THEIR_OWN = "#composer, #note-writer"; // these ask by themselves, and tell it beside the words
let passing = false;

addEventListener("submit", hold, true);
addEventListener("click", stay, true);
document.addEventListener("reconnected", () => remark(null));

async function hold(event) {
  const [form, button] = [event.target, event.submitter];
  if (passing || !isLost() || form.method === "dialog" || form.matches(THEIR_OWN)) return;
  stop(event);
  if (await isThere()) passed(() => press(form, button));
}

async function stay(event) {
  const link = event.target.closest?.("a[href]");
  if (passing || !isLost() || !link || !leaves(link, event)) return;
  stop(event);
  if (await isThere()) passed(() => link.click());
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

// For another page in this window.
function leaves(link, event) {
  const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || link.target || link.hasAttribute("download");
  return !elsewhere && link.origin === location.origin && link.pathname + link.search !== location.pathname + location.search;
}

// Whether the desk answers though the feed does not; else that nothing was done is told.
async function isThere() {
  const told = await trouble();
  if (told !== "outOfReach") return true;
  tellNothingDone();
  return false;
}

export function tellNothingDone() {
  remark(saying("nothingDone"));
}

function passed(act) {
  passing = true;
  try {
    act();
  } finally {
    passing = false;
  }
}
