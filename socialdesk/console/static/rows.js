// The queue's rows: they change where they stand, and new ones wait until the agent wants to see them.

const button = document.getElementById("show-new");

export function changeRows(list, next) {
  if (!disturbing(list)) {
    list.replaceChildren(...kept(list, next));
    button.hidden = true;
    return;
  }
  const fresh = new Map([...next.children].map((row) => [row.id, row]));
  for (const row of [...list.children]) {
    const now = fresh.get(row.id);
    if (!now) row.classList.add("left");
    else if (!now.isEqualNode(row) && !inUse(row)) replace(row, now.cloneNode(true));
    fresh.delete(row.id);
  }
  offer(list, next, fresh.size);
}

function disturbing(list) {
  return scrollY > 40 || list.contains(document.activeElement);
}

// Rows that are the same, or in which somebody has opened something, stay; what was chosen stays chosen.
function kept(list, next) {
  return [...next.children].map((row) => {
    const old = document.getElementById(row.id);
    if (!old || !list.contains(old)) return row;
    if (old.isEqualNode(row) || inUse(old)) return old;
    return chosenAs(old, row);
  });
}

function inUse(row) {
  return row.querySelector("details[open], textarea:focus") !== null;
}

// Chosen were those words: another revision is not.
function chosenAs(row, now) {
  const box = now.querySelector(".choose input");
  if (box) box.checked = row.querySelector(".choose input:checked")?.value === box.value;
  return now;
}

function replace(row, now) {
  const focused = row.contains(document.activeElement);
  row.replaceWith(chosenAs(row, now));
  if (focused) now.querySelector("a")?.focus({ preventScroll: true });
}

function offer(list, next, number) {
  button.hidden = number === 0;
  button.textContent = (button.dataset.label ?? "{number} new — show").replace("{number}", number);
  button.onclick = () => {
    const focused = document.activeElement.closest(".row, .entry")?.id;
    list.replaceChildren(...kept(list, next));
    button.hidden = true;
    (document.getElementById(focused) ?? list.firstElementChild)?.querySelector("a")?.focus();
  };
}
