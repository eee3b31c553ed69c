// The composer: shows what the words leave as (the server counts, splits and judges), fills in templates, warns
// when the customer or a colleague writes meanwhile, and never loses what was written: keeping.js.
import { begin, keep, keepSoon, stands } from "./keeping.js";
import { tellNothingDone } from "./offline.js";
import { isolated } from "./sayings.js";

const PAUSE = 120;
const COVERED = 48; // where it may be told, any moment, who else is here
const SHOWN = ["seen", "given", "version"]; // the newest that the page shows, and the answered post as it stands
const PATIENT = 800; // a key that is held down answers nothing: what stands against the words is to be read first
const GAP = /⟦[^⟧]*⟧/; // what the agent is to fill in
const form = document.getElementById("composer");
const text = document.getElementById("text");
let timer = null;
let asked = 0;
let refused = null; // the words that something stood against, as they came back
let shownAt = 0;
let repeated = false;
let drafted = null; // a colleague's draft that the page does not show: the composer as the desk has it now

if (form) {
  if (location.hash === "#composer" || (!location.hash && outOfSight(text))) form.scrollIntoView({ block: "end" });
  if (!location.hash) showNewest();
  if (new URLSearchParams(location.search).has("template")) selectGap();
  text.addEventListener("input", soon);
  form.addEventListener("change", (event) => { if (event.target.name === "as") soon(); });
  form.addEventListener("click", clicked);
  document.getElementById("show-draft").addEventListener("click", showDraft);
  begin(form, (other) => replace(other.text, other.template));
  addEventListener("keydown", (event) => { repeated = event.repeat; }, true);
  addEventListener("pointerdown", () => { repeated = false; }, true);
  if (document.querySelector(".problem[data-guarded]")) lead();
}

// Taking a case or correcting its language says nothing about the half-written reply: the page stays, and the
// live feed shows the change; what was done is told, and can be undone, as on a page made anew.
addEventListener("submit", async (event) => {
  if (!event.target.matches("form[data-stay]") || !text?.value.trim()) return;
  event.preventDefault();
  const answer = await fetch(event.target.action, { method: "POST", body: new URLSearchParams(new FormData(event.target, event.submitter)) }).catch(() => null);
  if (!answer) tellNothingDone();
  else if (!answer.ok) submitAnew(event.target, event.submitter);
  else tellDone(await answer.text().catch(() => ""));
});

function tellDone(html) {
  const told = new DOMParser().parseFromString(html, "text/html").getElementById("flash");
  if (!told) return;
  document.getElementById("flash")?.remove();
  document.getElementById("content").prepend(told);
}

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
  if (form) draftIs(fresh);
  if (!form || ["seen", "given"].every((name) => fresh.dataset[name] === form.elements[name].value)) return;
  for (const name of SHOWN) form.dataset[name] = fresh.dataset[name];
  if (text.value.trim()) show("news", true);
  else read();
}

function read() {
  for (const name of SHOWN) form.elements[name].value = form.dataset[name];
  show("news", false);
}

// A colleague's draft takes the place of nothing that was typed, and of no words that somebody reads: it is told,
// and shown at once only where nothing is written.
function draftIs(fresh) {
  const revision = fresh.elements.revision.value;
  if (revision === form.elements.revision.value) drafted = null;
  if (revision === form.elements.revision.value || !fresh.dataset.draftedBy) { show("drafted", false); return; }
  drafted = fresh;
  if (!text.value.trim() && document.activeElement !== text && form.elements.as.value !== "note") takeDraft();
  else tellDraft();
}

function tellDraft() {
  const line = document.querySelector("#drafted p");
  const next = line.cloneNode(false);
  next.append(...isolated("drafted", drafted.dataset.draftedBy));
  if (!next.isEqualNode(line)) line.replaceChildren(...next.childNodes);
  show("drafted", true);
}

// In the place of an empty composer, else above the words, which would take the draft's place.
async function showDraft() {
  if (!text.value.trim()) { takeDraft(); return; }
  await keep();
  const page = await fetched(location.pathname + location.search);
  const fresh = page?.getElementById("composer");
  if (!fresh) { tellNothingDone(); return; }
  const note = page.getElementById("draft-note");
  if (!note?.querySelector(".other-draft")) { drafted = fresh; takeDraft(); return; }
  stand(note);
  form.elements.revision.value = fresh.elements.revision.value;
  drafted = null;
  show("drafted", false);
  note.scrollIntoView({ block: "nearest" });
  text.focus({ preventScroll: true });
}

function takeDraft() {
  const fresh = drafted;
  const page = fresh.ownerDocument;
  asked += 1; // an answer on its way is about other words
  for (const name of ["revision", "kept", "kept_as", "template", "version", "seen", "given", "newest", "newest_given"]) form.elements[name].value = fresh.elements[name].value;
  for (const name of SHOWN) form.dataset[name] = fresh.dataset[name];
  const door = form.querySelector(`[name=as][value="${fresh.elements.as.value}"]`);
  if (door) door.checked = true;
  text.value = fresh.elements.text.value;
  stand(page.getElementById("draft-note"));
  form.querySelector(":scope > .acts").replaceChildren(...fresh.querySelector(":scope > .acts").cloneNode(true).childNodes);
  tell(page);
  stands();
  drafted = null;
  show("drafted", false);
  show("news", !fresh.querySelector("#news").hidden);
}

function stand(note) {
  document.getElementById("draft-note")?.remove();
  if (note) form.querySelector(".doors").before(note);
}

// What stands against the words comes first after they were refused, where a key deals with it at once.
function lead() {
  [refused, shownAt] = [text.value, Date.now()];
  const controls = ["[name=confirm]", "[name=override]:not(:checked)", "[name=ask]", ".remedies :is(a, button)"];
  const first = controls.map((each) => form.querySelector(`#against ${each}`)).find(Boolean);
  first?.focus({ preventScroll: true });
  (first?.closest("li") ?? form).scrollIntoView({ block: "center", behavior: "instant" });
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
  const confirm = pressed.id === "approve" && confirming();
  if (confirm) return () => { if (!hasty()) form.requestSubmit(confirm); };
  if (pressed.matches("[name=confirm]") && hasty()) return () => {};
  if (pressed.matches(".remedies a[href='#text']")) return selectGap;
  const another = event.ctrlKey || event.metaKey || event.shiftKey; // window or tab
  if (pressed.matches("a.template") && !another) return () => pick(pressed);
  return null;
}

// A key still held down from before, or a press meant for the page before.
function hasty() {
  return refused !== null && (repeated || Date.now() - shownAt < PATIENT);
}

// Approving the same words once more is to confirm the one thing that stood against them.
function confirming() {
  return refused !== null && refused === text.value ? form.querySelector("#against [name=confirm]") : null;
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
  const page = await fetched(link.href);
  if (page === null) tellNothingDone();
  if (page === undefined) location.assign(link.href);
  if (!page) return;
  const fresh = page.getElementById("composer");
  link.closest(".picker")?.removeAttribute("open");
  replace(fresh.elements.text.value, fresh.elements.template.value);
  tell(page);
  if (!selectGap() && link.dataset.then) document.getElementById(link.dataset.then).focus();
}

// The case as the desk has it now; null when it can't be reached, undefined when it answers something else.
async function fetched(address) {
  const answer = await fetch(address, { headers: { "X-Fragment": "composer" } }).catch(() => null);
  const html = answer?.ok ? await answer.text().catch(() => null) : null;
  if (html === null) return answer && !answer.ok ? undefined : null;
  return new DOMParser().parseFromString(html, "text/html");
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
