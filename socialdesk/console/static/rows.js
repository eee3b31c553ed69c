// The queue's rows: they change where they stand, and new ones wait until the agent wants to see them. What is new
// and stands on another page of the list is put above it then, in a list of its own: the further ones.
const SHOWN = 15_000; // how long it is told where the new ones are
const button = document.getElementById("show-new");
const told = document.getElementById("new-shown");
const further = document.getElementById("further-rows");
const offers = new Map(); // the lists as they are now, with how many rows are new in each
let at = null; // the row that the agent was in last
let timer = null;

if (button) {
  button.addEventListener("click", show);
  document.addEventListener("focusin", (event) => { if (event.target !== button) at = event.target.closest(".row, .entry")?.id; });
}

// What has come in since the page was made is asked for by the address of the list.
export function seenUntil() {
  return button?.dataset.since;
}

export function changeRows(list, next) {
  for (const row of next.children) if (list !== further) further?.querySelector(`#${row.id}`)?.remove();
  if (list !== further && !disturbing(list)) {
    list.replaceChildren(...kept(list, next));
    return offer(list, next, 0);
  }
  const fresh = new Map([...next.children].map((row) => [row.id, row]));
  leave([...list.children].filter((row) => !fresh.has(row.id)), list);
  for (const row of [...list.children]) {
    const now = fresh.get(row.id);
    if (now && !now.isEqualNode(row) && !inUse(row)) replace(row, now.cloneNode(true));
    fresh.delete(row.id);
  }
  offer(list, next, fresh.size);
}

// They stand where they stood, so that nothing moves; queue.js is told, for some may be chosen.
function leave(rows, list) {
  for (const row of rows) row.classList.add("left");
  if (rows.length) list.dispatchEvent(new Event("left"));
}

function disturbing(list) {
  return scrollY > 40 || list.contains(document.activeElement) || further?.contains(document.activeElement);
}

// Rows that are the same, or in which somebody has opened something, stay; what was chosen stays chosen.
function kept(list, next) {
  return [...next.children].map((row) => {
    const old = document.getElementById(row.id);
    if (!old || !list.contains(old)) return row;
    if (old.isEqualNode(row) || inUse(old)) return old;
    return chosenAs(old, row);
  });
}

function inUse(row) {
  return row.querySelector("details[open], textarea:focus") !== null;
}

// Chosen were those words: another revision is not.
function chosenAs(row, now) {
  const box = now.querySelector(".choose input");
  if (box) box.checked = row.querySelector(".choose input:checked")?.value === box.value;
  return now;
}

function replace(row, now) {
  const focused = row.contains(document.activeElement);
  row.replaceWith(chosenAs(row, now));
  if (focused) now.querySelector("a")?.focus({ preventScroll: true });
}

function offer(list, next, number) {
  offers.set(list, { next, number });
  const all = [...offers.values()].reduce((sum, each) => sum + each.number, 0);
  button.hidden = all === 0;
  button.textContent = button.dataset.label.replace("{number}", all);
}

// The agent stays in the row where he was; who was in none is led to the first new one.
function show() {
  const before = new Set([...offers.keys()].flatMap((list) => [...list.children].map((row) => row.id)));
  tell();
  const top = document.getElementById(at)?.getBoundingClientRect().top;
  for (const [list, { next }] of offers) list.replaceChildren(...kept(list, next.cloneNode(true)));
  if (further) further.parentElement.hidden = !further.children.length;
  const all = [...offers.keys()].flatMap((list) => [...list.children]);
  offers.clear();
  button.hidden = true;
  const here = document.getElementById(at);
  const led = here ?? all.find((row) => !before.has(row.id)) ?? all[0];
  led?.querySelector("a")?.focus({ preventScroll: true });
  if (here) scrollBy({ top: here.getBoundingClientRect().top - top, behavior: "instant" });
  else led?.scrollIntoView({ block: "nearest" });
}

function tell() {
  if (!told) return;
  const numbers = { here: 0, further: 0 };
  for (const [list, { number }] of offers) numbers[list === further ? "further" : "here"] += number;
  told.textContent = button.dataset.shown.replace(/\{(\w+)\}/g, (_, name) => numbers[name]);
  told.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => { told.hidden = true; }, SHOWN);
}
