// The palette: every action of the page, every page, and what the server finds, by a few letters of each word.
import { saying } from "./sayings.js";

const PAUSE = 120;
const MOST = 60;
const palette = document.getElementById("palette");
const text = document.getElementById("palette-text");
const list = document.getElementById("palette-found");

let local = [];
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

// `reach` does what the key of an element does.
export function openPalette(elements, reach) {
  local = [...elements.map((element) => action(element, reach)), ...pages()];
  remote = [];
  text.value = "";
  draw();
  palette.showModal();
}

function action(element, reach) {
  const keys = element.dataset.key;
  return { name: nameOf(element), called: keys && told(keys), keys, note: saying("onThisPage"), act: () => reach(element) };
}

// What the help says of that key: some buttons are called by one word only.
function told(key) {
  return document.querySelector(`#help [data-tells="${key}"] dd`)?.textContent;
}

function pages() {
  const links = [...document.querySelectorAll("#main-nav a, .lists a, .me a, .foot a, .me form button")];
  const named = new Map(links.map((link) => [link.href ?? link.textContent, link]));
  return [...named.values()].map((link) => ({
    name: nameOf(link), keys: link.dataset.go && `g ${link.dataset.go}`, note: link.href ? saying("page") : "", act: () => link.click(),
  }));
}

export function nameOf(element) {
  const label = element.labels?.[0] ?? element;
  return (element.dataset.action || element.ariaLabel || label.innerText || label.textContent).replace(/\s+/g, " ").trim();
}

function fold(words) {
  return words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

// The beginning of a word counts most, then any part of one, then its letters in order; 0 for none of these.
function worth(name, word) {
  const at = name.indexOf(word);
  if (at >= 0) return at === 0 || /[^\p{L}\p{N}]/u.test(name[at - 1]) ? 3 : 2;
  let from = 0;
  for (const letter of word) {
    from = name.indexOf(letter, from) + 1;
    if (!from) return 0;
  }
  return 1;
}

function found(query) {
  const words = fold(query).split(/\s+/).filter(Boolean);
  const weigh = ({ name, called }) => words.map((word) => 2 * worth(fold(name), word) || worth(fold(called ?? ""), word));
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
  line.append(part("bdi", item.name), ...(item.called ? [part("bdi", item.called, "note")] : []), part("span", item.note ?? "", "note"));
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
  remote = items.map((item) => ({ ...item, act: () => location.assign(item.address) }));
  const chosen = list.querySelector("[aria-selected=true]")?.textContent;
  draw();
  activate([...list.children].find((each) => each.textContent === chosen));
}
