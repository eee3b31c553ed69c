// Choosing drafts to approve together: x takes the focused one, Shift+x all between it and the one before.
// The boxes are a form's own and go without this too.

const form = document.getElementById("many");
let last = null;

if (form) {
  document.addEventListener("keydown", pressed);
  document.addEventListener("change", (event) => { if (event.target.matches(".choose input")) chosen(event.target); });
  document.addEventListener("click", (event) => { if (event.shiftKey && event.target.matches(".choose input")) stretch(event.target); });
  new MutationObserver(tell).observe(document.querySelector("[data-rows]"), { childList: true });
  tell();
}

function pressed(event) {
  if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!document.getElementById("keys-on").checked || event.target.matches("input:not([type=checkbox]), select, textarea")) return;
  const box = document.activeElement.closest(".row, .entry")?.querySelector(".choose input");
  if (!box) return;
  event.preventDefault();
  box.checked = !box.checked;
  if (event.shiftKey) stretch(box);
  chosen(box);
  box.closest(".row, .entry").scrollIntoView({ block: "nearest" }); // the bar that comes up may cover it
}

function boxes() {
  return [...document.querySelectorAll(".choose input")];
}

// All from the box touched last to this one become as this one is.
function stretch(box) {
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
  if (from < 0) return;
  for (const each of all.slice(from, to + 1)) each.checked = box.checked;
  tell();
}

function chosen(box) {
  last = box;
  tell();
}

function tell() {
  const number = boxes().filter((box) => box.checked).length;
  form.querySelector("[data-chosen]").textContent = `${number} chosen:`;
}
