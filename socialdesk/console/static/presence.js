// Who else is at a case and who is writing in it; and the server is told of whoever sits here.
import { isolated, saying } from "./sayings.js";

const EVERY = 15_000; // while somebody does something here
const WRITING_EVERY = 5_000;
const IDLE = 120_000; // after so long without a key or a move nobody is taken to be here
const MOVES = ["pointermove", "pointerdown", "keydown", "scroll", "touchstart"];
const MOST_NAMED = 3; // in the header
const open = document.querySelector("[data-case]")?.dataset.case;

let colleagues = [];
let movedAt = Date.now();
let toldAt = 0;
let wroteAt = 0;

if (open && document.getElementById("presence")) {
  for (const move of MOVES) addEventListener(move, moved, { passive: true });
  setInterval(() => { if (isHere()) tell("looking"); }, EVERY);
  document.addEventListener("visibilitychange", () => tell(document.hidden ? "gone" : "looking"));
  addEventListener("pagehide", () => { if (toldAt) tell("gone"); });
  document.getElementById("text")?.addEventListener("input", wrote);
  if (!document.hidden) tell("looking");
}

export function arrived(present) {
  colleagues = present;
  mark(document);
}

// The same in a page that is about to be shown, so that only what differs otherwise is replaced.
export function mark(root) {
  const line = root === document && document.getElementById("present");
  if (line) put(line, colleagues.filter((each) => String(each.case) === open).map(sentence));
  const here = root === document && document.getElementById("here");
  if (here) put(here, atWork());
  for (const row of root.querySelectorAll("[data-rows] > .row")) put(initialsOf(row), at(row).map(initials));
  for (const empty of root.querySelectorAll(".open > .there:empty")) empty.remove();
}

function isHere() {
  return !document.hidden && Date.now() - movedAt < IDLE;
}

function moved() {
  const back = Date.now() - movedAt > IDLE;
  movedAt = Date.now();
  if (back && !document.hidden) tell("looking");
}

function wrote() {
  if (Date.now() - wroteAt < WRITING_EVERY) return;
  wroteAt = Date.now();
  tell("writing");
}

function tell(doing) {
  toldAt = doing === "gone" ? 0 : Date.now();
  const body = new URLSearchParams({ doing });
  fetch(`/cases/${open}/presence`, { method: "POST", body, headers: { "X-Fragment": "presence" }, keepalive: true }).catch(() => {});
}

function at(row) {
  return colleagues.filter((each) => `case-${each.case}` === row.id);
}

// Each colleague once, at however many cases; the last place may be for how many more there are.
function atWork() {
  const people = [...new Map([...colleagues].sort((one, other) => one.writing - other.writing).map((each) => [each.name, each])).values()];
  const named = people.length > MOST_NAMED ? MOST_NAMED - 1 : MOST_NAMED;
  const rest = people.slice(named);
  return [...people.slice(0, named).map(initials), ...(rest.length ? [further(rest)] : [])];
}

function further(people) {
  const mark = element("span", "initials");
  const names = new Intl.ListFormat(document.documentElement.lang).format(people.map(({ name }) => name));
  const number = Object.assign(document.createElement("bdi"), { textContent: `+${people.length.toLocaleString(document.documentElement.lang)}`, ariaHidden: "true" });
  mark.append(number, Object.assign(element("span", "unseen"), { textContent: names }));
  mark.title = names;
  return mark;
}

function initialsOf(row) {
  return row.querySelector(".open > .there") ?? row.querySelector(".open").appendChild(element("span", "there"));
}

function put(place, parts) {
  const next = place.cloneNode(false);
  next.append(...parts);
  if (!next.isEqualNode(place)) place.replaceChildren(...next.childNodes);
}

function sentence({ name, writing }) {
  const said = element("span", `present${writing ? " writing" : ""}`);
  said.append(...isolated(writing ? "writing" : "looking", name));
  return said;
}

function initials({ name, initials, writing }) {
  const mark = element("span", `initials${writing ? " writing" : ""}`);
  mark.append(Object.assign(document.createElement("bdi"), { textContent: initials }), unseen(name, writing));
  mark.title = saying(writing ? "writing" : "looking", { name });
  mark.firstChild.ariaHidden = "true";
  return mark;
}

function unseen(name, writing) {
  const said = element("span", "unseen");
  said.append(...isolated(writing ? "writing" : "looking", name), " ");
  return said;
}

function element(name, className) {
  return Object.assign(document.createElement(name), { className });
}
