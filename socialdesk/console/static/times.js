// Ages that go on counting, and moments in the agent's own time zone, which the page names once.
// The day comes first and the clock has 24 hours whatever the browser's language: the pages are in one
// language, and two agents who compare what they see shall see the same.

const parts = new Intl.DateTimeFormat("en", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" });

export function tick(root) {
  for (const time of root.querySelectorAll("time[data-age]")) put(time, span(seconds(time) * -1));
  for (const time of root.querySelectorAll("time[data-until]")) put(time, until(seconds(time)));
  for (const time of root.querySelectorAll("time[data-clock]")) put(time, moment(new Date(time.dateTime)));
  for (const zone of root.querySelectorAll("[data-zone]")) zone.textContent = parts.resolvedOptions().timeZone;
}

function put(time, text) {
  if (time.textContent !== text) time.textContent = text;
  if (!time.title) time.title = exact.format(new Date(time.dateTime));
}

function seconds(time) {
  return (new Date(time.dateTime) - Date.now()) / 1000;
}

function moment(at) {
  const { day, month, year, hour, minute } = Object.fromEntries(parts.formatToParts(at).map((part) => [part.type, part.value]));
  const old = Number(year) !== new Date().getFullYear();
  return `${day} ${month} ${old ? `${year} ` : ""}${hour}:${minute}`;
}

// The hour and minute of a moment of today.
export function clockTime(at) {
  const { hour, minute } = Object.fromEntries(parts.formatToParts(at).map((part) => [part.type, part.value]));
  return `${hour}:${minute}`;
}

function until(left) {
  return left >= 1 ? `in ${span(left)}` : "now";
}

function span(length) {
  const whole = Math.max(0, Math.floor(length));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86400) return two(whole, 3600, "h", 60, "min");
  return two(whole, 86400, "d", 3600, "h");
}

function two(length, large, name, small, smallName) {
  const first = `${Math.floor(length / large)} ${name}`;
  const rest = Math.floor((length % large) / small);
  return rest ? `${first} ${rest} ${smallName}` : first;
}
