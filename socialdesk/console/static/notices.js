// What happens while nobody looks at this tab is told in its title and, if the agent wants that, by the browser:
// how many cases, never what was written in them.
import { counted, isolated } from "./sayings.js";

const WAITING = ["opened", "customer_wrote"];
const MENTIONED = ["mentioned"];
const choice = document.getElementById("notices-on");
const line = document.getElementById("notice");
const unseen = new Set();
let title = document.title;
let shown = null;
let remarked = null;

if (choice) {
  choice.checked = localStorage.getItem("notices") === "on" && globalThis.Notification?.permission === "granted";
  choice.addEventListener("change", choose);
  choice.closest("label").hidden = !("Notification" in globalThis);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) seen(); });
  document.getElementById("close-notice").addEventListener("click", () => { line.hidden = true; });
}

// Permission is asked for by this click alone.
async function choose() {
  if (choice.checked && (await Notification.requestPermission()) !== "granted") choice.checked = false;
  localStorage.setItem("notices", choice.checked ? "on" : "off");
}

export function noteNews(events) {
  if (!document.hidden) return;
  const before = unseen.size;
  for (const event of events) if (WAITING.includes(event.kind) || (MENTIONED.includes(event.kind) && event.me)) unseen.add(event.case);
  if (unseen.size === before) return;
  entitle(title);
  if (choice?.checked) tell();
}

// All that is new stands in one: the tag lets a second take the place of the first.
function tell() {
  shown = new Notification("socialdesk", { body: counted("waiting", unseen.size), tag: "socialdesk-waiting" });
  shown.onclick = () => { focus(); shown.close(); };
}

function seen() {
  unseen.clear();
  shown?.close();
  entitle(title);
}

// A page that counts by itself in its title goes on to do so while it is looked at.
export function entitle(words) {
  title = words;
  document.title = unseen.size ? `(${unseen.size}) ${words.replace(/^\(\d[\d,.]*\) /, "")}` : words;
}

// A sentence about somebody by name, until it is put away.
export function notice(name, who) {
  line.querySelector("span").replaceChildren(...isolated(name, who));
  line.hidden = false;
}

// Any other sentence; null puts away what was said in this way.
export function remark(words) {
  if (!line || (!words && line.querySelector("span").textContent !== remarked)) return;
  remarked = words;
  line.querySelector("span").textContent = words ?? "";
  line.hidden = !words;
}
