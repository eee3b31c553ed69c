// The sentences that scripts show stand in the page, where they are translated; {words} in braces are filled in.

const sayings = document.getElementById("sayings")?.dataset ?? {};

export function saying(name, values = {}) {
  return (sayings[name] ?? "").replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

// The right one of "one" and "other" for that number, by the rules of the page's language.
export function counted(name, number, values = {}) {
  const form = new Intl.PluralRules(document.documentElement.lang).select(number);
  return saying(name + (name + capital(form) in sayings ? capital(form) : "Other"), { number, ...values });
}

function capital(form) {
  return form[0].toUpperCase() + form.slice(1);
}

// The same with what is filled in set apart: names keep their direction.
export function isolated(name, value) {
  const [before, after] = (sayings[name] ?? "").split("{name}");
  const apart = document.createElement("bdi");
  apart.textContent = value;
  return [before, apart, after ?? ""];
}
