// The menus of languages and topics: the browser opens it, closes it and presses its buttons; arrows and the first
// letters of a name move in it.

const PAUSE = 700; // between the letters of one name
let typed = "";
let timer = null;

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu[popover]");
  if (!menu || event.ctrlKey || event.metaKey || event.altKey) return;
  const found = target(event.key, [...menu.querySelectorAll("button:enabled")]);
  if (!found) return;
  event.preventDefault();
  found.focus();
});

// What is chosen is on its way: the live feed may draw the menu's surroundings anew.
addEventListener("submit", (event) => event.target.closest(".menu[popover]")?.hidePopover());

function target(key, buttons) {
  const letter = /^\p{L}$/u.test(key);
  if (!letter) typed = "";
  const here = buttons.indexOf(document.activeElement);
  const last = buttons.length - 1;
  if (key === "ArrowDown" || key === "ArrowRight") return buttons[Math.min(here + 1, last)];
  if (key === "ArrowUp" || key === "ArrowLeft") return buttons[Math.max(here - 1, 0)];
  if (key === "Home") return buttons[0];
  if (key === "End") return buttons[last];
  return letter ? named(key.toLowerCase(), buttons, here) : null;
}

// The same letter again goes on to the next name that begins with it.
function named(letter, buttons, here) {
  clearTimeout(timer);
  timer = setTimeout(() => { typed = ""; }, PAUSE);
  typed = typed === letter ? letter : typed + letter;
  const from = typed.length === 1 ? here + 1 : Math.max(here, 0);
  const inTurn = [...buttons.slice(from), ...buttons.slice(0, from)];
  return inTurn.find((button) => button.textContent.trim().toLowerCase().startsWith(typed));
}
