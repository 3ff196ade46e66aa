/** The row of a numeric feature: a window on the histogram and fields for its bounds, or the value it is frozen at. */

import { make, makeField, makeName, makeSwitch } from "./elements.js";
import { inWords, parseNumber, showNumber, showUsual } from "./numbers.js";
import { createPlot } from "./plot.js";

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
  const element = make("li", { className: now.is_free ? "row" : "row held" }, flip, what.element, plot.element);
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

export function summaryOf(feature, now, typed) {
  const wrong = Object.keys(typed)[0];
  const said = (key) => inWords(showUsual(now[key], feature, key));
  if (wrong) return [`${LABELS[wrong]}: type a number such as ${showNumber(feature.usual[wrong] ?? 1)}`, true];
  if (!now.is_free) {
    const isOutside = now.value < feature.recorded[0] || now.value > feature.recorded[1];
    return [`Frozen at ${said("value")}${isOutside ? ", never recorded" : ""}`, isOutside];
  }
  if (now.low > now.high) return ["Min is above Max", true];
  const words = `Between ${said("low")} and ${said("high")}`;
  const isBeyond = now.low < feature.recorded[0] || now.high > feature.recorded[1];
  return [isBeyond ? `${words}, beyond the records` : words, isBeyond];
}
