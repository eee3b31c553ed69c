// Ages that go on counting, and moments in the agent's own time zone, which the page names once.
// In the page's language, not the browser's: two agents who compare what they see shall see the same. In English
// the day comes first; the clock has 24 hours and the digits are 0 to 9 everywhere, as in what the server draws.
import { saying } from "./sayings.js";

const LANGUAGE = document.documentElement.lang || "en";
const options = { numberingSystem: "latn", hourCycle: "h23" };
const clock = new Intl.DateTimeFormat("en", { ...options, hour: "2-digit", minute: "2-digit" });
const days = [false, true].map((old) => new Intl.DateTimeFormat(LANGUAGE, {
  ...options, day: "numeric", month: "short", ...(old && { year: "numeric" }),
}));
const exact = new Intl.DateTimeFormat(LANGUAGE === "en" ? "en-GB" : LANGUAGE, { ...options, dateStyle: "full", timeStyle: "long" });

export function tick(root) {
  for (const time of root.querySelectorAll("time[data-age]")) put(time, span(seconds(time) * -1));
  for (const time of root.querySelectorAll("time[data-until]")) put(time, until(seconds(time)));
  for (const time of root.querySelectorAll("time[data-clock]")) put(time, moment(new Date(time.dateTime)));
  for (const zone of root.querySelectorAll("[data-zone]")) zone.textContent = clock.resolvedOptions().timeZone;
}

function put(time, text) {
  if (time.textContent !== text) time.textContent = text;
  if (!time.title) time.title = exact.format(new Date(time.dateTime));
}

function seconds(time) {
  return (new Date(time.dateTime) - Date.now()) / 1000;
}

function moment(at) {
  return `${day(at, at.getFullYear() !== new Date().getFullYear())} ${clockTime(at)}`;
}

function day(at, old) {
  const format = days[Number(old)];
  if (LANGUAGE !== "en") return format.format(at);
  const { day, month, year } = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
  return old ? `${day} ${month} ${year}` : `${day} ${month}`;
}

// The hour and minute of a moment of today.
export function clockTime(at) {
  const { hour, minute } = Object.fromEntries(clock.formatToParts(at).map((part) => [part.type, part.value]));
  return `${hour}:${minute}`;
}

function until(left) {
  return left >= 1 ? saying("in", { time: span(left) }) : saying("now");
}

function span(length) {
  const whole = Math.max(0, Math.floor(length));
  if (whole < 60) return saying("seconds", { number: whole });
  if (whole < 3600) return saying("minutes", { number: Math.floor(whole / 60) });
  if (whole < 86400) return two(whole, 3600, "hours", 60, "minutes");
  return two(whole, 86400, "days", 3600, "hours");
}

function two(length, large, name, small, smallName) {
  const first = saying(name, { number: Math.floor(length / large) });
  const rest = Math.floor((length % large) / small);
  return rest ? `${first} ${saying(smallName, { number: rest })}` : first;
}
