// The composer: counts as X counts (the server does the counting), fills in templates, warns when the
// customer or a colleague writes meanwhile, and never loses what was written.

const PAUSE = 100;
const SHOWN = ["seen", "given"]; // the newest of the customer's words and of our answers that the page shows
const number = new Intl.NumberFormat("en");
const form = document.getElementById("composer");
const text = document.getElementById("text");
let timer = null;
let asked = 0;
let sending = false;

if (form) {
  const begun = text.value;
  if (!location.hash || location.hash === "#composer") form.scrollIntoView({ block: "end" });
  text.addEventListener("input", soon);
  form.addEventListener("change", (event) => { if (event.target.name === "as") soon(); });
  form.addEventListener("click", picked);
  form.addEventListener("submit", () => { sending = true; });
  document.getElementById("have-read").addEventListener("click", read);
  addEventListener("beforeunload", (event) => { if (!sending && text.value !== begun && text.value.trim()) event.preventDefault(); });
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

export function newestIs(fresh) {
  if (!form || SHOWN.every((name) => fresh.dataset[name] === form.elements[name].value)) return;
  for (const name of SHOWN) form.dataset[name] = fresh.dataset[name];
  if (text.value.trim()) show("news", true);
  else read();
}

function read() {
  for (const name of SHOWN) form.elements[name].value = form.dataset[name];
  show("news", false);
  text.focus({ preventScroll: true });
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(count, PAUSE);
}

async function count() {
  const turn = ++asked;
  const wording = { text: text.value, visibility: form.elements.as.value };
  const answer = await fetch("/fit", {
    method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(wording),
  }).catch(() => null);
  if (!answer?.ok || turn !== asked) return;
  tell(await answer.json());
}

function tell(fit) {
  const meter = form.querySelector("meter");
  meter.max = fit.limit;
  meter.high = fit.limit - 20;
  meter.value = fit.weighted_length;
  document.getElementById("length").textContent = number.format(fit.weighted_length);
  document.getElementById("limit").textContent = number.format(fit.limit);
  document.getElementById("objections").replaceChildren(...fit.objections.map(item));
}

function item(objection) {
  const line = document.createElement("li");
  line.textContent = objection;
  return line;
}

async function picked(event) {
  const link = event.target.closest("a.template");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const answer = await fetch(link.href, { headers: { "X-Fragment": "composer" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("composer");
  fill(fresh.elements.text.value, fresh.elements.template.value);
}

function fill(words, template) {
  const before = { words: text.value, template: form.elements.template.value };
  put(words, template);
  show("replaced", before.words.trim() && before.words !== words);
  document.getElementById("put-back").onclick = () => { put(before.words, before.template); show("replaced", false); };
}

function put(words, template) {
  text.value = words;
  form.elements.template.value = template;
  text.focus();
  count();
}

function show(id, visible) {
  document.getElementById(id).hidden = !visible;
}
