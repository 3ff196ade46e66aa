/** The row of a feature: its bounds on the recorded rows, or the value or category that it is frozen at. */

import { make } from "../../browser/dom.js";
import { labelOf } from "../../browser/numbers.js";
import { makeSvg } from "../../browser/svg.js";
import { inWords, parseNumber, showNumber, showUsual } from "./fields.js";
import { createPlot } from "./plot.js";

const ICONS = {
  numeric: "M3 14l4-5 3 3 4-7 3 4",
  whole: "M7 3L5.5 17M14.5 3L13 17M3.5 7.5h14M2.8 12.5h14",
  categorical: "M4 4h5v5H4zM11 4h5v5h-5zM4 11h5v5H4zM13.5 11a2.5 2.5 0 1 1 0 5a2.5 2.5 0 1 1 0-5",
};
const KINDS = { numeric: "a number", whole: "a whole number", categorical: "a category" };

/** Icon of its kind, name with unit, and a line that sums up what is set. */
function makeName(feature) {
  const kind = feature.kind === "numeric" && feature.is_integer ? "whole" : feature.kind;
  const svg = makeSvg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, makeSvg("path", { d: ICONS[kind] }));
  const icon = make("span", { class: "icon", title: KINDS[kind] }, svg);
  const name = make("span", { class: "name", text: feature.name, title: feature.name });
  const unit = make("span", { class: "unit", text: feature.unit ? ` [${feature.unit}]` : "" });
  const summary = make("span", { class: "summary" });
  const title = make("span", { class: "title" }, name, unit);
  return { element: make("div", { class: "what" }, icon, make("div", { class: "words" }, title, summary)), summary };
}

/** The switch between free and frozen. */
function makeSwitch(feature, isFree, onFlip) {
  const input = make("input", { type: "checkbox", role: "switch", "aria-label": `${feature.name}: free` });
  input.checked = isFree;
  input.onchange = () => onFlip(input.checked);
  return make("label", { class: "free" }, input);
}

/** A field with its label, which shows where there is no header. */
function makeField(feature, label, { className, hint = "", onValue }) {
  const name = labelOf({ name: `${feature.name}: ${label}`, unit: label === "Weight" ? "" : feature.unit });
  const input = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": name, placeholder: hint });
  input.onchange = () => onValue(input.value);
  const element = make("label", { class: `field ${className}` }, make("span", { text: label, "aria-hidden": "true" }), input);
  const show = (text, isWrong) => {
    if (input.value !== text) input.value = text;
    input.setAttribute("aria-invalid", String(isWrong));
  };
  return { element, show };
}

const MOST_IN_WORDS = 3;
const LABELS = { low: "Min", high: "Max", value: "Value", step: "Step", tolerance: "Tolerance", weight: "Weight" };
const HINTS = { step: "any", tolerance: "2 %" }; // of fields that may be empty
const FIELDS = {
  numeric: [["value", "tolerance"], ["low", "high", "step", "tolerance", "weight"]], // frozen, free
  categorical: [[], ["weight"]],
};

/** What pictures the setting of a feature: a histogram with its window, chips to allow, or a choice. */
function makePicture(feature, isFree, onSet) {
  const handles = isFree ? { low: "Min", high: "Max" } : { value: "Value" };
  if (feature.kind === "numeric") return createPlot(feature, handles, onSet);
  return isFree ? makeChips(feature, onSet) : makeSelect(feature, onSet);
}

/** The row of a feature, free or frozen; `update(now, reference)` shows what is set. */
export function makeRow(feature, { is_free: isFree }, { onChange, onFlip }) {
  const what = makeName(feature);
  const typed = {}; // texts that mean no number, as they stand in their fields
  const picture = makePicture(feature, isFree, (set, isDone) => {
    for (const key of Object.keys(set)) delete typed[key];
    onChange(set, isDone);
  });
  const fields = FIELDS[feature.kind][Number(isFree)].map((key) => {
    const onValue = (text) => {
      delete typed[key];
      onChange({ [key]: readField(feature, key, text, typed) }, true);
    };
    return { key, ...makeField(feature, LABELS[key], { className: key, hint: HINTS[key], onValue }) };
  });
  const element = make("li", { class: `row${feature.kind === "numeric" ? "" : " categories"}${isFree ? "" : " held"}` });
  element.append(makeSwitch(feature, isFree, onFlip), what.element, picture.element, ...fields.map((each) => each.element));
  const update = (now, reference) => {
    const isAcross = isFree && now.low > now.high;
    for (const { key, show } of fields) {
      const isWrong = key in typed || (isAcross && (key === "low" || key === "high"));
      show(typed[key] ?? showUsual(now[key], feature, key), isWrong);
    }
    picture.update(now, reference);
    const [words, isWarning] = summaryOf(feature, now, typed);
    what.summary.textContent = words;
    what.summary.classList.toggle("warning", isWarning);
  };
  return { element, update };
}

/** The number in a field; the text itself where it is none, and what was recorded where it was emptied. */
function readField(feature, key, text, typed) {
  if (!text.trim()) return key in HINTS ? null : feature.usual[key];
  const number = parseNumber(text);
  if (Number.isFinite(number)) return key === "step" && number === 0 ? null : number;
  typed[key] = text;
  return text;
}

function summaryOf(feature, now, typed) {
  const wrong = Object.keys(typed)[0];
  const shown = (key) => inWords(showUsual(now[key], feature, key));
  if (wrong) return [`${LABELS[wrong]}: type a number such as ${showNumber(feature.usual[wrong] ?? 1)}`, true];
  if (feature.kind === "categorical") return [wordsOf(feature, now), now.is_free && !now.allowed.length];
  if (!now.is_free) {
    const isOutside = now.value < feature.recorded[0] || now.value > feature.recorded[1];
    return [`Frozen at ${shown("value")}${isOutside ? ", never recorded" : ""}`, isOutside];
  }
  if (now.low > now.high) return ["Min is above Max", true];
  const words = `Between ${shown("low")} and ${shown("high")}`;
  const isBeyond = now.low < feature.recorded[0] || now.high > feature.recorded[1];
  return [isBeyond ? `${words}, beyond the records` : words, isBeyond];
}

function makeChips(feature, onChange) {
  const element = make("div", { class: "chips", role: "group", "aria-label": `${feature.name}: allowed categories` });
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
  const element = make("div", { class: "chips" }, select);
  return { element, update: (now) => { select.value = now.value; } };
}

function wordsOf(feature, now) {
  if (!now.is_free) return `Frozen at ${now.value}`;
  if (!now.allowed.length) return "Allow at least one category";
  if (now.allowed.length === feature.categories.length) return `Any of ${now.allowed.length} categories`;
  if (now.allowed.length <= MOST_IN_WORDS) return now.allowed.join(" or ");
  return `${now.allowed.length} of ${feature.categories.length} categories`;
}
