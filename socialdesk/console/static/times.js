// Ages that go on counting, and moments in the agent's own time zone.

const clock = new Intl.DateTimeFormat(undefined, {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

export function tick(root) {
  for (const time of root.querySelectorAll("time[data-age]")) {
    put(time, span((Date.now() - new Date(time.dateTime)) / 1000));
  }
  for (const time of root.querySelectorAll("time[data-clock]")) put(time, clock.format(new Date(time.dateTime)));
}

function put(time, text) {
  if (time.textContent !== text) time.textContent = text;
  if (!time.title) time.title = exact.format(new Date(time.dateTime));
}

function span(length) {
  const seconds = Math.max(0, Math.floor(length));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return two(seconds, 3600, "h", 60, "min");
  return two(seconds, 86400, "d", 3600, "h");
}

function two(seconds, large, name, small, smallName) {
  const whole = `${Math.floor(seconds / large)} ${name}`;
  const rest = Math.floor((seconds % large) / small);
  return rest ? `${whole} ${rest} ${smallName}` : whole;
}
