// Back from a case the agent is where he was in the list: at the same height, in the row of the case that he comes
// from, or in the one behind it when that case has gone. Kept for this window alone.
const rows = document.getElementById("rows");
const open = document.querySelector("[data-case]")?.dataset.case;
const kept = read();
let last = null; // the row that the agent was in last

if (open) leave(open);
if (open) document.addEventListener("click", lead, true);
if (rows) {
  document.addEventListener("focusin", (event) => { last = event.target.closest("#rows > .row")?.id ?? last; });
  comeBack(sessionStorage.getItem("left"));
  document.addEventListener("submit", stay);
  addEventListener("pagehide", keep);
}

// Null where nothing is kept, or nothing that was written here.
function read() {
  try {
    const told = JSON.parse(sessionStorage.getItem("list"));
    return typeof told?.address === "string" && Array.isArray(told.ids) ? told : null;
  } catch {
    return null;
  }
}

// The case that is left: where the list is gone on with when it is seen next.
export function leave(id) {
  if (id) sessionStorage.setItem("left", id);
}

// What is done from the list leads back to it.
export function stay() {
  leave(last?.replace("case-", ""));
}

function keep() {
  const ids = [...rows.children].map((row) => row.id);
  sessionStorage.setItem("list", JSON.stringify({ address: location.pathname + location.search, ids, top: scrollY }));
}

function comeBack(id) {
  sessionStorage.removeItem("left");
  if (!id || location.hash) return;
  const same = kept && address(kept.address, true) === address(location.href, true);
  const row = rowOf(`case-${id}`, same ? kept.ids : []);
  if (!row) return;
  if (same) scrollTo({ top: kept.top, behavior: "instant" });
  row.querySelector(".open").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest", behavior: "instant" });
}

function rowOf(id, ids) {
  const at = ids.indexOf(id);
  const near = at < 0 ? [] : [...ids.slice(at + 1), ...ids.slice(0, at).reverse()];
  return [id, ...near].map((each) => document.getElementById(each)).find((each) => each && rows.contains(each));
}

// Who was further down in the list goes back to that page of it.
function lead(event) {
  const link = event.target.closest?.("a.back");
  if (link && kept?.address.includes("after=") && address(link.href) === address(kept.address)) link.href = kept.address;
}

function address(href, whole = false) {
  const { pathname, searchParams } = new URL(href, location.href);
  for (const name of whole ? ["done"] : ["done", "after"]) searchParams.delete(name);
  if (!searchParams.has("status")) searchParams.set("status", "waiting"); // as the server understands it
  searchParams.sort();
  return `${pathname}?${searchParams}`;
}
