// Chosen cases that newer ones have pushed off the page: they stay chosen, are told above the bar and can be let go.
// The desk is asked which of them the list still has; until it answers, and while it can't, all of them stay.

const SHOWN = 15_000; // how long it is told that some have left the list
const fold = document.getElementById("carried");
const told = document.getElementById("carried-told");
export const carried = document.getElementById("carried-rows");
let timer = null;

if (fold) {
  carried.addEventListener("change", ({ target }) => { if (!target.checked) letGo(target); });
  document.getElementById("release").addEventListener("click", release);
}

// Calls `gone` with those that are in the list no more.
export async function carry(values, gone) {
  if (!values.length) return tell();
  carried.append(...values.map(placeholder));
  tell();
  await ask(gone);
}

// Which of the carried ones the list still has; the same for those that it has no more.
export async function ask(gone) {
  const all = [...carried.children].map((row) => row.dataset.carried);
  const fresh = all.length ? await found(all) : null;
  if (!fresh) return;
  const lost = all.filter((value) => !fresh.has(value) && carried.querySelector(`[data-carried="${value}"]`));
  for (const row of [...carried.children]) {
    const now = fresh.get(row.dataset.carried);
    if (now && !now.isEqualNode(row) && row.querySelector(".pick input").checked) draw(row, now);
  }
  drop(lost);
  if (!lost.length) return;
  tellLost(lost.length);
  gone(lost);
}

// They stand on the page again.
export function takeBack(values) {
  drop(values);
}

// By case its row as the list has it; null for those that are about to be on the page again.
async function found(values) {
  const address = new URL(location.href);
  address.searchParams.set("chosen", values.join(","));
  const answer = await fetch(address, { headers: { "X-Fragment": "live" } }).catch(() => null);
  const html = answer?.ok ? await answer.text().catch(() => "") : "";
  const page = new DOMParser().parseFromString(html, "text/html");
  const rows = page.getElementById("carried-rows");
  if (!rows) return null;
  const back = values.filter((value) => page.getElementById(`case-${value}`)).map((value) => [value, null]);
  return new Map([...back, ...[...rows.children].map((row) => [row.dataset.carried, row])]);
}

function draw(row, now) {
  const focused = row.contains(document.activeElement);
  row.replaceChildren(...now.childNodes);
  if (focused) row.querySelector("input").focus({ preventScroll: true });
}

function placeholder(value) {
  const [row, label] = [document.createElement("li"), document.createElement("label")];
  const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "case", value, checked: true });
  box.setAttribute("form", "together");
  label.className = "pick";
  label.append(box, ` ${value}`);
  row.dataset.carried = value;
  row.append(label);
  return row;
}

function drop(values) {
  for (const row of [...carried.children]) if (values.includes(row.dataset.carried)) row.remove();
  tell();
}

// Who works by keys stays where he is, as far as there is anything left.
function letGo(box) {
  const next = (box.closest("li").nextElementSibling ?? box.closest("li").previousElementSibling)?.querySelector("input");
  drop([box.value]);
  next?.focus();
}

function release() {
  for (const box of [...carried.querySelectorAll(".pick input")]) box.click();
  document.querySelector(".queue .row .open")?.focus();
}

function tell() {
  const number = carried.children.length;
  if (fold.hidden !== !number) fold.open = false;
  fold.hidden = !number;
  const says = number ? fold.dataset.says.replace("{number}", number) : "";
  const line = fold.querySelector("summary");
  if (line.textContent === says) return;
  line.textContent = says;
  told.textContent = says;
  told.classList.add("unseen");
}

// To be seen too: the bar counts fewer now, or is gone.
function tellLost(number) {
  told.textContent = fold.dataset.left.replace("{number}", number);
  told.classList.remove("unseen");
  clearTimeout(timer);
  timer = setTimeout(() => told.classList.add("unseen"), SHOWN);
}
