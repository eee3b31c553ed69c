// Before words are sent the desk is asked whether it is there and whether somebody is signed in: whatever stands
// against it is told beside the words, which stay.
import { saying } from "./sayings.js";

const PATIENCE = 10_000;
const writer = document.getElementById("note-writer");
let sure = false;

// The saying about it, or null.
export async function trouble() {
  const answer = await fetch("/health.json", { signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
  if (!answer) return "outOfReach";
  return answer.status === 401 ? "notSent" : null;
}

export function tellTrouble(form, told) {
  const line = form.querySelector(".not-sent");
  line.hidden = !told;
  const words = told ? [saying(told)] : [];
  if (told === "notSent") words.push(" ", Object.assign(document.createElement("a"), { href: "/sign-in", target: "_blank", textContent: saying("signIn") }));
  line.firstElementChild.replaceChildren(...words);
}

// The button, also when the page has put another in its place meanwhile.
export function press(form, button) {
  if (!button || button.form === form) { form.requestSubmit(button); return; }
  if (button.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
  form.requestSubmit();
}

writer?.addEventListener("submit", async (event) => {
  if (sure) return;
  event.preventDefault();
  const told = await trouble();
  tellTrouble(writer, told);
  if (told) return;
  sure = true;
  press(writer, event.submitter);
});
