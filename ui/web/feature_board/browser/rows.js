/** The row of a feature: its bounds on the histogram of its recorded rows, or the value or category it is frozen at. */

import { make, typedField } from "../../browser/dom.js";
import { labelOf } from "../../browser/numbers.js";
import { follow, keyTarget } from "../../browser/pointer.js";
import { makeSvg } from "../../browser/svg.js";
import { inWords, parseNumber, resolutionOf, showNumber, showUsual, snapped } from "./fields.js";

const HEIGHT = 36; // of a histogram
const ICONS = {
  numeric: "M3 14l4-5 3 3 4-7 3 4",
  whole: "M7 3L5.5 17M14.5 3L13 17M3.5 7.5h14M2.8 12.5h14",
  categorical: "M4 4h5v5H4zM11 4h5v5h-5zM4 11h5v5H4zM13.5 11a2.5 2.5 0 1 1 0 5a2.5 2.5 0 1 1 0-5",
};
const KINDS = { numeric: "a number", whole: "a whole number", categorical: "a category" };
const MOST_IN_WORDS = 3;
const LABELS = { low: "Min", high: "Max", value: "Value", step: "Step", tolerance: "Tolerance", mutation_strength: "Strength" };
const HINTS = { step: "any", tolerance: "2 %", mutation_strength: "usual" }; // of fields that may be empty
const FIELDS = {
  numeric: [["value", "tolerance"], ["low", "high", "step", "tolerance", "mutation_strength"]], // frozen, free
  categorical: [[], ["mutation_strength"]],
};

/** Handles are named after what they set: "low", "high" or "value". `onMove(set, isDone)` gets what a move sets. */
function createPlot(feature, names, onMove) {
  const element = make("div", { class: "plot" });
  const bars = ["outside", "inside"].map((name) => drawBars(feature, name));
  const pane = make("div", { class: "pane", title: "Drag to move both ends" });
  const mark = make("i", { class: "mark", "aria-hidden": "true" });
  const handles = Object.entries(names).map(([key, label]) => {
    const words = { role: "slider", tabindex: "0", "aria-label": `${feature.name}: ${label}, handle` };
    return { key, part: make("div", { class: `handle ${key}`, ...words }) };
  });
  element.append(...bars, pane, mark, ...handles.map(({ part }) => part));
  const plot = { element, feature, bars, pane, mark, handles, onMove, now: null, low: 0, high: 1 };
  for (const handle of handles) wireHandle(plot, handle);
  if (names.low) wirePane(plot);
  else pane.hidden = true;
  plot.update = (now, reference) => update(plot, now, reference);
  return plot;
}

function drawBars(feature, name) {
  const { low, high, shares } = feature.bins;
  const svg = makeSvg("svg", { class: name, viewBox: `0 0 ${shares.length} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const most = Math.max(...shares, 1e-9);
  const path = shares.map((share, i) => {
    const height = share ? Math.max(1.2, (share / most) * (HEIGHT - 2)) : 0;
    return height ? `M${i + 0.06} ${HEIGHT}v${-height.toFixed(2)}h0.88v${height.toFixed(2)}z` : "";
  });
  svg.append(makeSvg("path", { d: path.join("") }));
  svg.dataset.low = low;
  svg.dataset.high = high;
  return svg;
}

function update(plot, now, reference) {
  const { feature, bars, pane, mark, handles } = plot;
  const numbers = handles.map(({ key }) => now[key]).filter(Number.isFinite);
  const seen = [feature.bins.low, feature.bins.high, ...numbers, ...(Number.isFinite(reference) ? [reference] : [])];
  if (!plot.isDragged) {
    plot.low = Math.min(...seen);
    plot.high = Math.max(...seen);
  }
  plot.now = now;
  const at = (value) => (100 * (value - plot.low)) / (plot.high - plot.low || 1);
  const [from, to] = [feature.bins.low, feature.bins.high].map(at);
  for (const svg of bars) Object.assign(svg.style, { left: `${from}%`, width: `${to - from}%` });
  const isWindow = !pane.hidden && now.low <= now.high;
  const [left, right] = isWindow ? [at(now.low), at(now.high)] : [0, 0];
  Object.assign(pane.style, { left: `${left}%`, width: `${right - left}%` });
  const within = (value) => (100 * (value - from)) / (to - from || 1);
  bars[1].style.clipPath = isWindow ? `inset(0 ${100 - within(right)}% 0 ${within(left)}%)` : "inset(0 100% 0 0)";
  mark.hidden = !Number.isFinite(reference);
  mark.style.left = `${at(reference)}%`;
  for (const { key, part } of handles) {
    part.hidden = !Number.isFinite(now[key]);
    part.style.left = `${at(now[key])}%`;
    const [least, most] = endsOf(plot, key);
    part.setAttribute("aria-valuemin", showNumber(least));
    part.setAttribute("aria-valuemax", showNumber(most));
    part.setAttribute("aria-valuenow", showNumber(now[key]));
    part.setAttribute("aria-valuetext", `${showNumber(now[key])} ${feature.unit}`.trim());
  }
}

/** Between which values a handle moves. */
function endsOf({ now, feature }, key) {
  const [first, last] = feature.recorded;
  const low = Number.isFinite(now.low) ? now.low : first;
  const high = Number.isFinite(now.high) ? now.high : last;
  if (key === "low") return [Math.min(first, low), high];
  if (key === "high") return [low, Math.max(last, high)];
  return [low, high];
}

function resolutionFor({ feature, now }) {
  return resolutionOf(feature.recorded[0], feature.recorded[1], now.step, feature.is_integer);
}

function wireHandle(plot, { key, part }) {
  part.onpointerdown = (event) => {
    part.focus();
    drag(plot, event, part, (value) => ({ [key]: snapped(value, resolutionFor(plot), ...endsOf(plot, key)) }));
  };
  part.onkeydown = (event) => {
    const ends = endsOf(plot, key);
    const wanted = keyTarget(event, plot.now[key], resolutionFor(plot), ends);
    if (wanted === null) return;
    event.preventDefault();
    plot.onMove({ [key]: snapped(wanted, resolutionFor(plot), ...ends) }, false);
  };
  part.onblur = () => plot.onMove({}, true);
}

/** Dragging the window moves both ends and keeps its width. */
function wirePane(plot) {
  plot.pane.onpointerdown = (event) => {
    const { low, high } = plot.now;
    const [least, most] = [endsOf(plot, "low")[0], endsOf(plot, "high")[1]];
    let begun = null;
    drag(plot, event, plot.pane, (value) => {
      begun ??= value;
      const start = snapped(low + value - begun, resolutionFor(plot), least, most - (high - low));
      return { low: start, high: Number((start + high - low).toPrecision(10)) };
    });
  };
}

function drag(plot, event, part, setOf) {
  if (event.button !== 0) return;
  event.preventDefault();
  plot.isDragged = true;
  const move = ({ clientX }) => {
    const box = plot.element.getBoundingClientRect();
    plot.onMove(setOf(plot.low + ((clientX - box.left) / box.width) * (plot.high - plot.low)), false);
  };
  follow(part, event, move, () => {
    plot.isDragged = false;
    plot.onMove({}, true);
  });
}

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
  const name = labelOf({ name: `${feature.name}: ${label}`, unit: label === "Strength" ? "" : feature.unit });
  const input = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": name, placeholder: hint });
  const write = typedField(input);
  input.onchange = () => onValue(input.value);
  const element = make("label", { class: `field ${className}` }, make("span", { text: label, "aria-hidden": "true" }), input);
  const show = (text, isWrong) => {
    write(text);
    input.setAttribute("aria-invalid", String(isWrong));
  };
  return { element, show };
}

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
