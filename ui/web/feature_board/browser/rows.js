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
  return { element, input, show };
}

const LABELS = { low: "Min", high: "Max", value: "Value", step: "Step", tolerance: "Tolerance", weight: "Weight" };
const MAY_BE_EMPTY = ["step", "tolerance"];

export function numericRow(feature, now, { onChange, onFlip }) {
  const keys = now.is_free ? ["low", "high", "step", "tolerance", "weight"] : ["value", "tolerance"];
  const what = makeName(feature);
  const plot = createPlot(feature, now.is_free ? { low: "Min", high: "Max" } : { value: "Value" }, (set, isDone) => {
    for (const key of Object.keys(set)) delete typed[key];
    onChange(set, isDone);
  });
  const typed = {}; // texts that mean no number, as they stand in their fields
  const fields = keys.map((key) => {
    const onValue = (text) => {
      delete typed[key];
      onChange({ [key]: readField(feature, key, text, typed) }, true);
    };
    const hint = key === "step" ? "any" : key === "tolerance" ? "2 %" : "";
    return { key, ...makeField(feature, LABELS[key], { className: key, hint, onValue }) };
  });
  const flip = makeSwitch(feature, now.is_free, onFlip);
  const element = make("li", { class: now.is_free ? "row" : "row held" }, flip, what.element, plot.element);
  element.append(...fields.map((field) => field.element));
  const update = (given, reference) => {
    const isAcross = given.is_free && given.low > given.high;
    for (const { key, show } of fields) {
      const isWrong = key in typed || (isAcross && (key === "low" || key === "high"));
      show(typed[key] ?? showUsual(given[key], feature, key), isWrong);
    }
    plot.update(given, reference);
    const [words, isWarning] = summaryOf(feature, given, typed);
    what.summary.textContent = words;
    what.summary.classList.toggle("warning", isWarning);
  };
  return { element, update, focus: () => fields[0].input.focus() };
}

/** The number in a field; the text itself where it is none, and what was recorded where it was emptied. */
function readField(feature, key, text, typed) {
  if (!text.trim()) return MAY_BE_EMPTY.includes(key) ? null : feature.usual[key];
  const number = parseNumber(text);
  if (Number.isFinite(number)) return key === "step" && number === 0 ? null : number;
  typed[key] = text;
  return text;
}

function summaryOf(feature, now, typed) {
  const wrong = Object.keys(typed)[0];
  const shown = (key) => inWords(showUsual(now[key], feature, key));
  if (wrong) return [`${LABELS[wrong]}: type a number such as ${showNumber(feature.usual[wrong] ?? 1)}`, true];
  if (!now.is_free) {
    const isOutside = now.value < feature.recorded[0] || now.value > feature.recorded[1];
    return [`Frozen at ${shown("value")}${isOutside ? ", never recorded" : ""}`, isOutside];
  }
  if (now.low > now.high) return ["Min is above Max", true];
  const words = `Between ${shown("low")} and ${shown("high")}`;
  const isBeyond = now.low < feature.recorded[0] || now.high > feature.recorded[1];
  return [isBeyond ? `${words}, beyond the records` : words, isBeyond];
}

const MOST_IN_WORDS = 3;

export function categoryRow(feature, now, { onChange, onFlip }) {
  const what = makeName(feature);
  const flip = makeSwitch(feature, now.is_free, onFlip);
  const choice = now.is_free ? makeChips(feature, onChange) : makeSelect(feature, onChange);
  const element = make("li", { class: now.is_free ? "row categories" : "row categories held" });
  element.append(flip, what.element, choice.element);
  const typed = {};
  const weight = makeField(feature, "Weight", {
    className: "weight",
    onValue: (text) => {
      delete typed.weight;
      onChange({ weight: readField(feature, "weight", text, typed) }, true);
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
