/** Parts that every row has. Names come from a table that anybody wrote: they are text, never markup. */

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  const { className, text, ...others } = properties;
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(others)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function makeSvg(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

const ICONS = {
  numeric: "M3 14l4-5 3 3 4-7 3 4",
  whole: "M7 3L5.5 17M14.5 3L13 17M3.5 7.5h14M2.8 12.5h14",
  categorical: "M4 4h5v5H4zM11 4h5v5h-5zM4 11h5v5H4zM13.5 11a2.5 2.5 0 1 1 0 5a2.5 2.5 0 1 1 0-5",
};
const KINDS = { numeric: "a number", whole: "a whole number", categorical: "a category" };

/** Icon of its kind, name with unit, and a line that sums up what is set. */
export function makeName(feature) {
  const kind = feature.kind === "numeric" && feature.is_integer ? "whole" : feature.kind;
  const svg = makeSvg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" });
  svg.append(makeSvg("path", { d: ICONS[kind] }));
  const icon = make("span", { className: "icon", title: KINDS[kind] });
  icon.append(svg);
  const name = make("span", { className: "name", text: feature.name, title: feature.name });
  const unit = make("span", { className: "unit", text: feature.unit ? ` [${feature.unit}]` : "" });
  const summary = make("span", { className: "summary" });
  const title = make("span", { className: "title" }, name, unit);
  return { element: make("div", { className: "what" }, icon, make("div", { className: "words" }, title, summary)), summary };
}

/** The switch between free and frozen. */
export function makeSwitch(feature, isFree, onFlip) {
  const input = make("input", { type: "checkbox", role: "switch", "aria-label": `${feature.name}: free` });
  input.checked = isFree;
  input.onchange = () => onFlip(input.checked);
  return make("label", { className: "free" }, input);
}

/** A field with its label, which shows where there is no header; `read` makes a value of the text or says what is wrong. */
export function makeField(feature, label, { className = "", hint = "", onValue }) {
  const name = feature.unit && label !== "Weight" ? `${feature.name}: ${label} [${feature.unit}]` : `${feature.name}: ${label}`;
  const input = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": name, placeholder: hint });
  input.onchange = () => onValue(input.value);
  const element = make("label", { className: `field ${className}` }, make("span", { text: label, "aria-hidden": "true" }), input);
  const show = (text, isWrong) => {
    if (input.value !== text) input.value = text;
    input.setAttribute("aria-invalid", String(isWrong));
  };
  return { element, input, show };
}
