// Beside a case, where there is room: the list that the agent came from, so that the next one is a key away.

const place = document.getElementById("beside");
const wide = matchMedia("(min-width: 68rem)");
const GATHER = 400; // a burst of events is one look

let timer = null;
let asked = "";

export function follow() {
  if (!place) return;
  wide.addEventListener("change", soon);
  document.addEventListener("told", soon);
  soon();
}

function soon() {
  if (wide.matches) timer ??= setTimeout(() => { timer = null; look(); }, asked ? GATHER : 0);
}

async function look() {
  const answer = await fetch(place.dataset.list, { headers: { "X-Fragment": "live" } }).catch(() => null);
  const html = answer?.ok ? await answer.text().catch(() => "") : "";
  if (!html || html === asked) return;
  asked = html;
  const rows = new DOMParser().parseFromString(html, "text/html").querySelectorAll("#rows > .row");
  const first = !place.querySelector("li");
  const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  place.querySelector("ol").replaceChildren(...[...rows].map(short));
  if (focused) place.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  if (first) reveal();
}

// Who, in which language and by which door, what was said, and since when.
function short(row) {
  const made = document.createElement("li");
  made.className = row.className;
  for (const part of [".open", ".chip", ".door", ".since", ".excerpt"]) {
    const found = row.querySelector(part);
    if (found) made.append(found.cloneNode(true));
  }
  const open = document.querySelector("[data-case]").dataset.case;
  if (row.id === `case-${open}`) made.querySelector(".open").setAttribute("aria-current", "page");
  return made;
}

// Only the list itself scrolls: the page stays where the agent reads.
function reveal() {
  const here = place.querySelector("[aria-current]")?.closest("li");
  if (here) place.scrollTop = here.offsetTop - place.clientHeight / 3;
}
