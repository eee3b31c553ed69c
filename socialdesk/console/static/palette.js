// The palette: every action of the page, every place to go to, and what the server finds, by how their words begin.
import { about, actions, isHarmless, nameOf, reach } from "./offers.js";
import { saying } from "./sayings.js";
import { offered as together } from "./together.js";

const PAUSE = 120;
const MOST = 60;
const COMPOUNDS = ["ar", "de", "nl", "sv"];
const [WRITTEN, OPENED, DONE, FOLDED, REPEATED] = [0, 1, 2, 3, 4]; // the order in which they stand while nothing is typed
const palette = document.getElementById("palette");
const text = document.getElementById("palette-text");
const list = document.getElementById("palette-found");

let local = [];
let ways = []; // where the agent may go to, as the server has told
let remote = [];
let timer = null;
let asked = 0;

if (palette) {
  text.addEventListener("input", () => { draw(); soon(); });
  text.addEventListener("keydown", pressed);
  list.addEventListener("click", (event) => choose(event.target.closest("[role=option]")));
  list.addEventListener("pointermove", (event) => activate(event.target.closest("[role=option]")));
  palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });
}

export function openPalette() {
  local = offered();
  remote = [];
  text.value = "";
  draw();
  palette.showModal();
  askWays();
}

// On an empty query Enter goes to where one writes, else to a page: nothing is sent, changed or thrown away. What every
// message of a thread has comes last of what is on the page.
function offered() {
  const own = actions().map(action).sort((a, b) => a.rank - b.rank);
  const pages = places();
  const first = own[0]?.rank < OPENED ? [] : pages.splice(0, 1);
  return once([...first, ...together(), ...own, ...pages, ...ways]);
}

function action(element) {
  const keys = element.dataset.key;
  const { menu, besides } = about(element);
  const called = [keys && told(keys), menu, besides].filter(Boolean).join(" ");
  return {
    name: nameOf(element), called, says: keys && told(keys), keys, note: menu || saying("onThisPage"), act: () => reach(element),
    rank: rankOf(element),
  };
}

function rankOf(element) {
  if (element.closest(".thread")) return REPEATED;
  if (element.matches("textarea, [type=radio]")) return WRITTEN;
  if (element.closest("[popover], .more")) return FOLDED;
  return isHarmless(element) && element.dataset.key ? OPENED : DONE;
}

// What the help says of that key: some buttons are called by one word only.
function told(key) {
  return document.querySelector(`#help [data-tells="${CSS.escape(key)}"] dd`)?.textContent;
}

// What the frame around every page leads to, and what it has besides: the help, the look, the way out.
function places() {
  const links = [...document.querySelectorAll("#main-nav a, .me a, .foot a")].map((link) => ({
    name: nameOf(link), keys: link.dataset.go && `g ${link.dataset.go}`, note: saying("page"), address: link.href, act: () => link.click(),
  }));
  const help = document.getElementById("open-help");
  const buttons = [...document.querySelectorAll(".me button")].map((button) => ({ name: nameOf(button), keys: button === help ? "?" : "", act: () => button.click() }));
  const looks = document.getElementById("looks");
  const dressed = [...looks.elements].map((button) => ({ name: nameOf(button), called: looks.dataset.name, note: looks.dataset.name, act: () => look(looks, button) }));
  return [...links, ...buttons, ...dressed];
}

// Of two that lead to the same place the first: that is how most people call it.
function once(items) {
  const seen = new Set();
  return items.filter(({ address }) => !address || (!seen.has(address) && seen.add(address)));
}

// At once, on the page as it stands; the browser keeps it by the server's answer.
async function look(form, button) {
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams({ look: button.value }) }).catch(() => null);
  if (!answer?.ok) return;
  const system = button.value === "system";
  if (system) delete document.documentElement.dataset.look;
  else document.documentElement.dataset.look = button.value;
  document.querySelector("meta[name=color-scheme]").content = system ? "light dark" : button.value;
}

function fold(words) {
  return words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

// Whether a word of the name begins so; where nothing parts the words, as in Japanese, wherever it stands.
function begins(name, word) {
  for (let at = name.indexOf(word); at >= 0; at = name.indexOf(word, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(name[at - 1]) || /^[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}]/u.test(word)) return true;
  }
  return false;
}

// By the beginnings of their words; where no name has those, in a language that makes one word of several, by what
// stands within them: "karten" in "Geschenkkarten".
function found(query) {
  const words = fold(query).split(/\s+/).filter(Boolean);
  const fitting = fit(words, begins);
  if (fitting.length || !COMPOUNDS.includes(document.documentElement.lang) || words.some((word) => word.length < 3)) return fitting;
  return fit(words, (name, word) => name.includes(word));
}

// What is called so comes before what is only told of so.
function fit(words, has) {
  const weigh = ({ name, called }) => words.map((word) => (has(fold(name), word) ? 2 : Number(has(fold(called ?? ""), word))));
  const fitting = local.map((item) => [item, weigh(item)]).filter(([, weights]) => weights.every(Boolean));
  const sum = ([, weights]) => weights.reduce((all, each) => all + each, 0);
  return fitting.sort((a, b) => sum(b) - sum(a)).map(([item]) => item);
}

function draw() {
  const items = [...found(text.value), ...remote].slice(0, MOST);
  list.replaceChildren(...items.map(option));
  document.getElementById("palette-none").hidden = items.length > 0;
  activate(list.firstElementChild);
}

function option(item, number) {
  const line = Object.assign(document.createElement("li"), { id: `palette-${number}`, role: "option", ariaSelected: "false" });
  line.append(part("bdi", item.name), ...(item.says ? [part("bdi", item.says, "note")] : []), part("span", item.note ?? "", "note"));
  if (item.keys) line.append(...item.keys.split(" ").map((key) => part("kbd", key)));
  line.act = item.act;
  return line;
}

function part(name, words, className = "") {
  return Object.assign(document.createElement(name), { textContent: words, className });
}

function activate(option) {
  if (!option && list.firstElementChild) return;
  list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  text.setAttribute("aria-activedescendant", option?.id ?? "");
}

function pressed(event) {
  if (event.isComposing) return;
  const options = [...list.children];
  const here = options.findIndex((each) => each.ariaSelected === "true");
  const steps = { ArrowDown: here + 1, ArrowUp: here - 1 + options.length };
  if (event.key in steps) activate(options[steps[event.key] % options.length]);
  else if (event.key === "Enter") choose(options[here]);
  else return;
  event.preventDefault();
}

// Closed first: the focus goes back to where it was, and what is chosen may take it from there.
function choose(option) {
  if (!option) return;
  palette.close();
  option.act();
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

async function ask() {
  const turn = ++asked;
  const query = text.value.trim();
  const address = `/palette?${new URLSearchParams({ q: query })}`;
  const answer = query ? await fetch(address, { headers: { "X-Fragment": "palette" } }).catch(() => null) : null;
  const items = answer?.ok ? await answer.json() : [];
  if (turn !== asked) return;
  remote = items.map((item) => ({ ...leading(item), says: item.called }));
  drawAgain();
}

async function askWays() {
  const answer = await fetch("/palette?ways=true", { headers: { "X-Fragment": "palette" } }).catch(() => null);
  if (!answer?.ok) return;
  ways = (await answer.json()).map(leading);
  local = once([...local, ...ways]);
  drawAgain();
}

function leading(item) {
  return { ...item, address: new URL(item.address, location.href).href, act: () => location.assign(item.address) };
}

// What was chosen stays so where it is still found.
function drawAgain() {
  const chosen = list.querySelector("[aria-selected=true]")?.textContent;
  draw();
  activate([...list.children].find((each) => each.textContent === chosen));
}
