/** The row of a categorical feature: its categories as chips, or the one it is frozen at. */

import { make, makeField, makeName, makeSwitch } from "./elements.js";
import { parseNumber, showNumber } from "./numbers.js";

const MOST_IN_WORDS = 3;

export function categoryRow(feature, now, { onChange, onFlip }) {
  const what = makeName(feature);
  const flip = makeSwitch(feature, now.is_free, onFlip);
  const choice = now.is_free ? makeChips(feature, onChange) : makeSelect(feature, onChange);
  const element = make("li", { className: now.is_free ? "row categories" : "row categories held" });
  element.append(flip, what.element, choice.element);
  const typed = {};
  const weight = makeField(feature, "Weight", {
    className: "weight",
    onValue: (text) => {
      delete typed.weight;
      const number = parseNumber(text);
      if (text.trim() && !Number.isFinite(number)) typed.weight = text;
      onChange({ weight: typed.weight ?? (text.trim() ? number : feature.usual.weight) }, true);
    },
  });
  if (now.is_free) element.append(weight.element);
  const update = (given, reference) => {
    weight.show(typed.weight ?? showNumber(given.weight), "weight" in typed);
    choice.update(given, reference);
    const isNone = given.is_free && !given.allowed.length;
    what.summary.textContent = "weight" in typed ? "Weight: type a number such as 0.2" : wordsOf(feature, given);
    what.summary.classList.toggle("warning", isNone || "weight" in typed);
  };
  return { element, update, focus: () => choice.element.querySelector("select, button")?.focus() };
}

function makeChips(feature, onChange) {
  const element = make("div", { className: "chips", role: "group", "aria-label": `${feature.name}: allowed categories` });
  let allowed = [];
  const chips = feature.categories.map((category, i) => {
    const percent = Math.round(100 * feature.shares[i]);
    const share = make("small", { text: percent ? `${percent} %` : "under 1 %", title: "Share of the recorded rows" });
    const chip = make("button", { type: "button", "aria-label": category }, make("span", { text: category }), share);
    chip.onclick = () => {
      const isOn = allowed.includes(category);
      const chosen = feature.categories.filter((each) => (each === category ? !isOn : allowed.includes(each)));
      onChange({ allowed: chosen }, true);
    };
    element.append(chip);
    return { chip, category };
  });
  const update = (now, reference) => {
    allowed = now.allowed;
    for (const { chip, category } of chips) {
      chip.setAttribute("aria-pressed", String(allowed.includes(category)));
      chip.classList.toggle("reference", category === reference);
    }
  };
  return { element, update };
}

function makeSelect(feature, onChange) {
  const select = make("select", { "aria-label": `${feature.name}: Value` });
  select.append(...feature.categories.map((category) => new Option(category, category)));
  select.onchange = () => onChange({ value: select.value }, true);
  const element = make("div", { className: "chips" }, select);
  return { element, update: (now) => { select.value = now.value; } };
}

export function wordsOf(feature, now) {
  if (!now.is_free) return `Frozen at ${now.value}`;
  if (!now.allowed.length) return "Allow at least one category";
  if (now.allowed.length === feature.categories.length) return `Any of ${now.allowed.length} categories`;
  if (now.allowed.length <= MOST_IN_WORDS) return now.allowed.join(" or ");
  return `${now.allowed.length} of ${feature.categories.length} categories`;
}
