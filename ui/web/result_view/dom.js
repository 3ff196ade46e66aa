/** Elements, made in a line each. */

const SVG = "http://www.w3.org/2000/svg";
let ruler = null;

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const make = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);

export const draw = (name, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, name), attributes, children);

/** A text in a picture, shortened to a width; the whole of it is its title then. */
export function label(text, x, y, { size = 11, width = Infinity, kind = "", anchor = "start", font = "sans-serif" } = {}) {
  const shown = fitted(text, size, width, font);
  const element = draw("text", { x, y, class: kind, "font-size": size, "text-anchor": anchor, text: shown });
  if (shown !== text) element.append(draw("title", { text }));
  return element;
}

export function widthOf(text, size, font) {
  ruler = ruler ?? document.createElement("canvas").getContext("2d");
  ruler.font = `${size}px ${font}`;
  return ruler.measureText(text).width;
}

function fitted(text, size, width, font) {
  if (width === Infinity || widthOf(text, size, font) <= width) return text;
  let n = text.length;
  while (n > 1 && widthOf(`${text.slice(0, n)}…`, size, font) > width) n -= 1;
  return `${text.slice(0, n).trimEnd()}…`;
}

export function says(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The path of a line through [x, y] pairs; it is broken where one is not known. */
export function pathOf(points) {
  let isOpen = false;
  let text = "";
  for (const [x, y] of points) {
    if (!Number.isFinite(x + y)) isOpen = false;
    else {
      text += `${isOpen ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
      isOpen = true;
    }
  }
  return text;
}

/** The path of dots: lines of no length, which round caps make round. */
export const dotsOf = (points) =>
  points.filter(([x, y]) => Number.isFinite(x + y)).map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join("");
