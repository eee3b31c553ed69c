// The queue's rows: they change where they stand, and new ones wait until the agent wants to see them.

const button = document.getElementById("show-new");

export function changeRows(list, next) {
  if (!disturbing(list)) {
    list.replaceChildren(...next.children);
    button.hidden = true;
    return;
  }
  const fresh = new Map([...next.children].map((row) => [row.id, row]));
  for (const row of [...list.children]) {
    const now = fresh.get(row.id);
    if (!now) row.classList.add("left");
    else if (!now.isEqualNode(row)) replace(row, now.cloneNode(true));
    fresh.delete(row.id);
  }
  offer(list, next, fresh.size);
}

function disturbing(list) {
  return scrollY > 40 || list.contains(document.activeElement);
}

function replace(row, now) {
  const focused = row.contains(document.activeElement);
  row.replaceWith(now);
  if (focused) now.querySelector("a")?.focus({ preventScroll: true });
}

function offer(list, next, number) {
  button.hidden = number === 0;
  button.textContent = `${number} new — show`;
  button.onclick = () => {
    const focused = document.activeElement.closest(".row")?.id;
    list.replaceChildren(...next.children);
    button.hidden = true;
    (document.getElementById(focused) ?? list.firstElementChild)?.querySelector("a")?.focus();
  };
}
