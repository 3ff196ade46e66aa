/** The row of a feature: what it may be at a glance, its window on the recorded rows, how far it mutates, and a fold. */

import { make, typedField, wireOpener } from "../../browser/dom.js";
import { labelOf, withUnit } from "../../browser/numbers.js";
import { inWords, parseNumber, showNumber, showUsual } from "./fields.js";
import { makeStrength } from "./knobs.js";
import { createPlot } from "./plot.js";

const MOST_IN_WORDS = 2;
const LABELS = { low: "Min", high: "Max", value: "Value", step: "Step", tolerance: "Tolerance" };
const MEANINGS = {
  step: "Candidates are multiples of it, such as what can be dosed; empty for any value",
  tolerance: "How exactly it is dosed, one standard deviation; empty for 2 % of its recorded range",
};
const HINTS = { step: "any", tolerance: "2 %" }; // of fields that may be empty
const FIELDS = { numeric: [["value", "tolerance"], ["low", "high", "step", "tolerance"]], categorical: [[], []] }; // frozen, free

/** The row of a feature, free or frozen; `update(now, reference, usualStrength)` shows what is set. */
export function makeRow(feature, { is_free: isFree }, isOpen, { onChange, onFlip, onOpen }) {
  const typed = {}; // texts that mean no number, as they stand in their fields
  const title = makeTitle(feature);
  const picture = makePicture(feature, isFree, (set, isDone) => {
    for (const key of Object.keys(set)) delete typed[key];
    onChange(set, isDone);
  });
  const strength = isFree ? makeRowStrength(feature, onChange) : null;
  const fold = make("div", { class: "fold fields", hidden: !isOpen });
  const fields = FIELDS[feature.kind][Number(isFree)].map((key) => {
    const onValue = (text) => {
      delete typed[key];
      onChange({ [key]: readField(feature, key, text, typed) }, true);
    };
    return { key, ...makeField(feature, key, onValue) };
  });
  fold.append(makeSwitch(feature, isFree, onFlip), ...fields.map((each) => each.element));
  const choice = feature.kind === "numeric" ? null : (isFree ? makeChips : makeSelect)(feature, onChange);
  if (choice) fold.append(choice.element);
  title.element.setAttribute("aria-expanded", String(isOpen));
  wireOpener(title.element, fold, onOpen);
  const line = make("div", { class: "line" }, title.element, picture.element, strength ? strength.element : makeLock());
  const element = make("li", { class: `row${isFree ? "" : " held"}` }, line, fold);
  const update = (now, reference, usualStrength) => {
    const isAcross = isFree && now.low > now.high;
    for (const { key, show } of fields) {
      const isWrong = key in typed || (isAcross && (key === "low" || key === "high"));
      show(typed[key] ?? showUsual(now[key], feature, key), isWrong);
    }
    picture.update(now, reference);
    choice?.update(now, reference);
    strength?.update(now.mutation_strength, usualStrength);
    const [words, isWarning] = summaryOf(feature, now, typed);
    title.summary.textContent = words;
    title.summary.classList.toggle("warning", isWarning);
    title.element.title = `${feature.name}: ${words}`;
  };
  return { element, update };
}

/** Its name and what is set, as the button that opens the fold. */
function makeTitle(feature) {
  const name = make("span", { class: "name", text: feature.name });
  const summary = make("span", { class: "summary" });
  const words = make("span", { class: "words" }, name, summary);
  return { element: make("button", { type: "button", class: "opener" }, words), summary };
}

function makeRowStrength(feature, onChange) {
  const input = make("input", { type: "range", "aria-label": `${feature.name}: mutation strength` });
  const output = make("output");
  const onSet = (value, isDone) => onChange({ mutation_strength: value }, isDone);
  const limit = feature.kind === "numeric" ? {} : { most: 1 }; // a category changes with a probability
  return { element: make("span", { class: "strength" }, input, output), ...makeStrength(input, output, onSet, limit) };
}

const makeLock = () => make("span", { class: "lock", text: "frozen" });

/** The switch between free and frozen. */
function makeSwitch(feature, isFree, onFlip) {
  const input = make("input", { type: "checkbox", role: "switch", "aria-label": `${feature.name}: free` });
  input.checked = isFree;
  input.onchange = () => onFlip(input.checked);
  return make("label", { class: "field switch" }, make("span", { text: "Free", "aria-hidden": "true" }), input);
}

function makeField(feature, key, onValue) {
  const name = labelOf({ name: `${feature.name}: ${LABELS[key]}`, unit: feature.unit });
  const attributes = { inputmode: "decimal", autocomplete: "off", "aria-label": name, placeholder: HINTS[key] };
  const input = make("input", { type: "text", ...attributes });
  const write = typedField(input);
  input.onchange = () => onValue(input.value);
  const element = make("label", { class: "field", title: MEANINGS[key] }, make("span", { text: LABELS[key], "aria-hidden": "true" }), input);
  const show = (text, isWrong) => {
    write(text);
    input.setAttribute("aria-invalid", String(isWrong));
  };
  return { element, show };
}

/** A histogram with its window, or the shares of the categories. */
function makePicture(feature, isFree, onSet) {
  if (feature.kind !== "numeric") return makeShares(feature);
  return createPlot(feature, isFree ? { low: "Min", high: "Max" } : { value: "Value" }, onSet);
}

/** How often every category was recorded, the allowed ones in colour. */
function makeShares(feature) {
  const element = make("div", { class: "shares", "aria-hidden": "true" });
  const most = Math.max(...feature.shares, 1e-9);
  const bars = feature.categories.map((category, i) => {
    const bar = make("i", { "--height": `${Math.max(8, (100 * feature.shares[i]) / most)}%`, title: category });
    element.append(bar);
    return { bar, category };
  });
  const update = (now) => {
    for (const { bar, category } of bars) {
      const isOn = now.is_free ? now.allowed.includes(category) : now.value === category;
      bar.classList.toggle("on", isOn);
    }
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
    return [`${withUnit(shown("value"), feature.unit)}${isOutside ? ", never recorded" : ""}`, isOutside];
  }
  if (now.low > now.high) return ["Min is above Max", true];
  const words = withUnit(`${shown("low")} to ${shown("high")}`, feature.unit);
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
  const element = make("label", { class: "field" }, make("span", { text: "Value", "aria-hidden": "true" }), select);
  return { element, update: (now) => { select.value = now.value; } };
}

function wordsOf(feature, now) {
  if (!now.is_free) return now.value;
  if (!now.allowed.length) return "Allow at least one category";
  if (now.allowed.length === feature.categories.length) return `Any of ${now.allowed.length} categories`;
  if (now.allowed.length <= MOST_IN_WORDS) return now.allowed.join(" or ");
  return `${now.allowed.length} of ${feature.categories.length} categories`;
}
