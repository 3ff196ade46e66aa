/** Elements and their texts. Names come from a table that anybody wrote: they are text, never markup. */

import { clamp } from "./numbers.js";

/** Give an element its attributes and children. */
export function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** An element with attributes, of which `text` is its text and `--name` a variable of its style; null adds nothing. */
export const make = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);

/** Let a button fold a part out and in; `onTurn` gets whether it is open now. */
export function wireOpener(opener, fold, onTurn = () => {}) {
  opener.onclick = () => {
    fold.hidden = !fold.hidden;
    opener.setAttribute("aria-expanded", String(!fold.hidden));
    onTurn(!fold.hidden);
  };
}

/** Change a text only where it is another: screen readers say again what is written again. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A function that writes a field's text, except while somebody is typing there: a page that runs again answers late. */
export function typedField(field) {
  let isTyping = false;
  field.addEventListener("input", () => { isTyping = true; });
  for (const end of ["change", "blur"]) field.addEventListener(end, () => { isTyping = false; });
  return (text) => {
    if (!isTyping && field.value !== text) field.value = text;
  };
}

/** A text that a width has room for, the end cut off where it is too long. */
export function fitted(text, width, widthOf) {
  if (width === Infinity || widthOf(text) <= width) return text;
  let n = text.length;
  while (n > 1 && widthOf(`${text.slice(0, n)}…`) > width) n -= 1;
  return `${text.slice(0, n).trimEnd()}…`;
}

/** Put a tooltip beside a point [x, y] of the window, within the component; `down` of its height below the point. */
export function placeTip(tip, root, [x, y], gap, down) {
  const origin = root.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = tip;
  const beside = x - origin.left;
  const left = beside + gap + width > origin.width ? beside - gap - width : beside + gap;
  tip.style.left = `${clamp(left, 0, Math.max(0, origin.width - width))}px`;
  tip.style.top = `${clamp(y - origin.top + down(height), 0, Math.max(0, origin.height - height))}px`;
}
