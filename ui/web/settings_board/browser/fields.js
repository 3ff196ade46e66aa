/** Numbers as people type and read them. */

import { make, typedField } from "../../browser/dom.js";
import { clamp } from "../../browser/numbers.js";

const DIVISIONS = 200; // places that a handle can take over the recorded range, about

/** The number that a text means; NaN where it means none. A single comma is a decimal one. */
export function parseNumber(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(/\s/g, "");
  const pointed = plain.includes(".") ? plain : plain.replace(/^([^,]*),([^,]*)$/, "$1.$2");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(pointed) ? Number(pointed) : NaN;
}

/** A number as it stands in a field: without digits that only binary fractions have. */
export function showNumber(value) {
  if (value === null || value === undefined) return "";
  const number = Number(Number(value).toPrecision(8));
  return number && Math.abs(number) < 1e-4 ? number.toExponential() : String(number);
}

/** A recorded end or median with the digits that its recorded range gives a meaning to; what was typed keeps its own. */
export function showUsual(value, feature, key) {
  if (value !== feature.usual[key] || !["low", "high", "value"].includes(key)) return showNumber(value);
  const span = feature.recorded[1] - feature.recorded[0];
  const decimals = span > 0 ? Math.ceil(-Math.log10(span)) + 3 : 8;
  return showNumber(Number(value.toFixed(Math.min(Math.max(decimals, 0), 20))));
}

/** The same to be read: with commas between thousands. */
export function inWords(text) {
  return /^-?\d{4,}(\.\d+)?$/.test(text) ? text.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ",") : text;
}

/** The distance of two places of a handle: a multiple of the step, a round number without one. */
export function resolutionOf(low, high, step, isInteger) {
  const raw = (high - low) / DIVISIONS || 1;
  if (step > 0) return step * Math.max(1, Math.round(raw / step));
  const power = 10 ** Math.floor(Math.log10(raw));
  const round = [1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999) * power;
  return isInteger ? Math.max(1, Math.round(round)) : round;
}

/** The nearest position of a handle within two ends, which are positions as well. */
export function snapped(value, resolution, low, high) {
  if (value <= low) return low;
  if (value >= high) return high;
  const place = Number((Math.round(value / resolution) * resolution).toPrecision(10));
  const ends = [low, high].find((end) => Math.abs(value - end) < resolution / 2);
  return ends ?? clamp(place, low, high);
}

/** A field with its label above; `onValue` gets the number that was typed, or the text where it is none. */
export function makeTyped(label, onValue, isWhole = false) {
  const input = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": label });
  const writeText = typedField(input);
  const name = make("span", { text: label, "aria-hidden": "true" });
  input.onchange = () => {
    const text = isWhole ? input.value.replace(/,/g, "").trim() : input.value.trim();
    const number = parseNumber(text);
    onValue(text === "" ? null : Number.isFinite(number) ? number : input.value);
  };
  const write = (value, unit = "", help = "") => {
    const shown = typeof value === "string" ? value : showNumber(value);
    writeText(isWhole ? inWords(shown) : shown);
    input.setAttribute("aria-invalid", String(typeof value === "string"));
    name.textContent = unit ? `${label} [${unit}]` : label;
    input.setAttribute("aria-label", name.textContent);
    input.title = help ?? "";
  };
  return { element: make("label", { class: "field" }, name, input), write };
}
