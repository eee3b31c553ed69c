// A search that was told before it had read everything goes on by itself; until then there is a link to the rest.
import { tick } from "./times.js";

const page = document.querySelector("[data-further]");
if (page) goOn(page.dataset.further);

async function goOn(address) {
  const results = document.getElementById("results");
  results.setAttribute("aria-busy", "true");
  const html = await fetched(address);
  results.removeAttribute("aria-busy");
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const next = fresh.getElementById("results");
  if (!next) return;
  tick(fresh);
  const focused = results.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  document.getElementById("order").hidden = fresh.getElementById("order").hidden;
  results.replaceWith(next);
  document.getElementById("found").replaceChildren(...fresh.getElementById("found").childNodes); // which is read out
  if (focused) next.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

// Nothing where it could not be asked for: the link leads there.
async function fetched(address) {
  const answer = await fetch(address).catch(() => null);
  return answer?.ok ? await answer.text().catch(() => "") : "";
}
