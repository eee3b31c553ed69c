// The composer: shows what the words leave as (the server counts, splits and judges), fills in templates, warns
// when the customer or a colleague writes meanwhile, and never loses what was written: keeping.js.
import { begin, keep, keepSoon } from "./keeping.js";

const PAUSE = 120;
const COVERED = 48; // where it may be told, any moment, who else is here
const SHOWN = ["seen", "given", "version"]; // the newest that the page shows, and the answered post as it stands
const GAP = /⟦[^⟧]*⟧/; // what the agent is to fill in
const form = document.getElementById("composer");
const text = document.getElementById("text");
let timer = null;
let asked = 0;

if (form) {
  if (location.hash === "#composer" || (!location.hash && outOfSight(text))) form.scrollIntoView({ block: "end" });
  if (!location.hash) showNewest();
  if (new URLSearchParams(location.search).has("template")) selectGap();
  text.addEventListener("input", soon);
  form.addEventListener("change", (event) => { if (event.target.name === "as") soon(); });
  form.addEventListener("click", clicked);
  begin(form, (other) => replace(other.text, other.template));
}

// Taking a case or correcting its language says nothing about the half-written reply: the page stays, and the
// live feed shows the change.
addEventListener("submit", async (event) => {
  if (!event.target.matches("form[data-stay]") || !text?.value.trim()) return;
  event.preventDefault();
  const answer = await fetch(event.target.action, { method: "POST", body: new URLSearchParams(new FormData(event.target, event.submitter)) }).catch(() => null);
  if (!answer?.ok) submitAnew(event.target, event.submitter);
});

// As if the button had been pressed once more, without asking the listener above.
function submitAnew(form, button) {
  if (button?.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
  form.submit();
}

// What is answered stands above the composer, below whatever stays on top; of a long message its end.
function showNewest() {
  const newest = [...document.querySelectorAll(".thread .words.theirs")].at(-1)?.getBoundingClientRect();
  if (!newest) return;
  const top = Math.max(parseFloat(getComputedStyle(document.documentElement).scrollPaddingBlockStart) || 0, COVERED);
  const begins = newest.bottom - Math.min(newest.height, innerHeight * 0.4);
  if (begins < top) scrollBy({ top: begins - top, behavior: "instant" });
}

// Where there is room for writing already, the page opens at its top.
function outOfSight(element) {
  return element.getBoundingClientRect().bottom > innerHeight;
}

export function newestIs(fresh) {
  if (!form || ["seen", "given"].every((name) => fresh.dataset[name] === form.elements[name].value)) return;
  for (const name of SHOWN) form.dataset[name] = fresh.dataset[name];
  if (text.value.trim()) show("news", true);
  else read();
}

function read() {
  for (const name of SHOWN) form.elements[name].value = form.dataset[name];
  show("news", false);
}

function clicked(event) {
  const pressed = event.target.closest("a, button");
  const act = pressed && deed(pressed, event);
  if (!act) return;
  event.preventDefault();
  act();
}

// What can be done without leaving the page; the rest goes its ordinary way.
function deed(pressed, event) {
  if (pressed.id === "have-read") return () => { read(); keep({ renew: true }); document.getElementById("approve").focus({ preventScroll: true }); };
  if (pressed.matches("[name=move][value=private]")) return () => turn("private");
  if (pressed.matches(".remedies a[href='#text']")) return selectGap;
  const another = event.ctrlKey || event.metaKey || event.shiftKey; // window or tab
  if (pressed.matches("a.template") && !another) return () => pick(pressed);
  return null;
}

function turn(visibility) {
  form.querySelector(`[name=as][value=${visibility}]`).checked = true;
  text.focus();
  count();
  keepSoon();
}

function selectGap() {
  text.focus();
  const gap = GAP.exec(text.value);
  if (gap) text.setSelectionRange(gap.index, gap.index + gap[0].length);
  return Boolean(gap);
}

function soon() {
  keepSoon();
  clearTimeout(timer);
  timer = setTimeout(count, PAUSE);
}

async function count() {
  if (form.elements.as.value === "note") return;
  const turn = ++asked;
  const fields = Object.fromEntries(["text", "as", "template", "version"].map((name) => [name, form.elements[name].value]));
  const wording = { ...fields, case: document.querySelector("[data-case]").dataset.case };
  const answer = await fetch("/fit", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wording),
  }).catch(() => null);
  const html = answer?.ok ? await answer.text() : null;
  if (html !== null && turn === asked) tell(new DOMParser().parseFromString(html, "text/html"));
}

// Each region stays, so that only what changes in it is read out; what was ticked or typed in it stays too.
function tell(fresh) {
  const ticked = [...form.querySelectorAll("[name=override]:checked")].map((box) => box.value);
  const reason = form.elements.reason?.value ?? "";
  for (const id of ["figures", "preview", "against"]) {
    const [region, next] = [document.getElementById(id), fresh.getElementById(id)];
    if (!next || region.isEqualNode(next)) continue;
    region.replaceChildren(...next.childNodes);
  }
  for (const box of form.querySelectorAll("[name=override]")) box.checked ||= ticked.includes(box.value);
  if (form.elements.reason && !form.elements.reason.value) form.elements.reason.value = reason;
}

async function pick(link) {
  const answer = await fetch(link.href, { headers: { "X-Fragment": "composer" } }).catch(() => null);
  if (!answer?.ok) { location.assign(link.href); return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("composer");
  link.closest(".picker")?.removeAttribute("open");
  replace(fresh.elements.text.value, fresh.elements.template.value);
  tell(page);
  if (!selectGap() && link.dataset.then) document.getElementById(link.dataset.then).focus();
}

// Other words, with those that stood there one press away.
function replace(words, template) {
  const before = { words: text.value, template: form.elements.template.value };
  put(words, template);
  show("replaced", before.words.trim() && before.words !== text.value);
  document.getElementById("put-back").onclick = () => { put(before.words, before.template); show("replaced", false); count(); };
}

function put(words, template) {
  clearTimeout(timer);
  asked += 1; // an answer on its way is about other words
  text.value = words;
  form.elements.template.value = template;
  keepSoon();
  text.focus();
}

function show(id, visible) {
  document.getElementById(id).hidden = !visible;
}
