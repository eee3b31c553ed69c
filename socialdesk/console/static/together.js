// The queue by keys: what a case's page does by a letter is done to the chosen rows, else to the one that the agent
// is in. Chosen ones are looked at together first; one alone is done at once, unless there is something to beware of.
import { tellNothingDone } from "./offline.js";
import { stay } from "./place.js";

const INSIDE = "rdnt"; // what is written is written in the case: it opens with that key
const form = document.getElementById("together");
let from = null; // the row to which Escape leads back
let ticked = null; // its box, if the key has ticked it

form?.addEventListener("keydown", (event) => {
  if (event.key === "Escape") giveUp();
  if (event.key === "Enter" && event.target.matches("select") && !event.isComposing) { event.preventDefault(); look(); }
});

// What the letter does here; null where it does nothing.
export function deed(key) {
  const [option, row] = [form?.querySelector(`[data-bulk="${key}"]`), rowHere()];
  if (option && chosen().length) return () => set(option);
  if (row && INSIDE.includes(key)) return () => openWith(row, key);
  return option && row ? () => alone(option, row) : null;
}

// With something chosen: to the page that says what will happen.
export function looking() {
  return chosen().length ? look : null;
}

// For the palette: all that can be done with what is chosen, or with the row that the agent is in.
export function offered() {
  const row = rowHere();
  const note = chosen().length ? form.querySelector("[data-picked]").textContent.replace(/:\s*$/u, "") : row && linkOf(row).querySelector("bdi").textContent;
  if (!form || !note) return [];
  return [...form.elements.act.options].map((option) => ({
    name: option.label, keys: option.dataset.bulk, note, act: () => (chosen().length ? set(option) : alone(option, row)),
  }));
}

function giveUp() {
  if (ticked) tick(ticked, false);
  ticked = null;
  if (from?.isConnected) linkOf(from).focus();
}

function tick(box, checked) {
  box.checked = checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function rowHere() {
  return document.activeElement.closest("#rows > .row, #further-rows > .row");
}

function linkOf(row) {
  return row.querySelector(".open");
}

function chosen() {
  return form ? [...document.querySelectorAll(".pick input:checked")] : [];
}

function look() {
  form.requestSubmit(form.querySelector("button"));
}

// What has to be said besides is asked for before it goes on.
function set(option) {
  from = rowHere() ?? from;
  form.elements.act.value = option.value;
  const besides = form.querySelector(`.of-${option.value === "untag" ? "tag" : option.value} :is(select, input)`);
  if (besides) besides.focus();
  else look();
}

function alone(option, row) {
  if (["assign", "leave", "resolve"].includes(option.value)) return doNow(option.value, row);
  ticked = row.querySelector(".pick input");
  tick(ticked, true);
  return set(option);
}

function openWith(row, key) {
  sessionStorage.setItem("then", key);
  linkOf(row).click();
}

// Through the page that says what will happen, which is shown only when it says more than that. Who has the case
// leaves it to others with the key that takes it.
async function doNow(act, row) {
  const acts = act === "assign" ? ["assign", "leave"] : [act];
  const pages = acts.map((each) => `${form.action}?${new URLSearchParams({ act: each, case: row.querySelector(".pick input").value, from: form.elements.from.value })}`);
  for (const address of pages) {
    const answer = await fetch(address, { headers: { "X-Fragment": "together" } }).catch(() => null);
    if (!answer) return tellNothingDone();
    const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
    if (page.querySelector(".beware")) return show(address);
    const ready = page.querySelector("form[action='/queue/together']");
    if (ready) return submit(document.adoptNode(ready));
  }
  show(pages[0]);
}

function show(address) {
  stay();
  location.assign(address);
}

function submit(ready) {
  ready.hidden = true;
  document.body.append(ready);
  ready.requestSubmit();
}
