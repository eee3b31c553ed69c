// The editor of a reply text: what speaks against it and how it reads, while it is typed. The server judges.

const PAUSE = 300;
const form = document.querySelector("form.editor");
let timer = null;
let asked = 0;

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
});

async function look() {
  const turn = ++asked;
  const words = new URLSearchParams(new FormData(form));
  words.set("step", "check");
  const answer = await fetch(form.action, { method: "POST", body: words, headers: { "X-Fragment": "editor" } }).catch(() => null);
  if (!answer?.ok || turn !== asked) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["checked", "previews"]) document.getElementById(id).replaceChildren(...fresh.getElementById(id).childNodes);
}
