/** Texts, paths and axes of the plots, as SVG. */

import { fitted } from "../../browser/dom.js";
import { formatNumber, niceTicks, scalesOf, tickDigits, withUnit } from "../../browser/numbers.js";
import { makeSvg } from "../../browser/svg.js";

let ruler = null;

/** A text in a plot, shortened to a width; the whole of it is its title then. */
export function label(text, x, y, { size = 11, width = Infinity, kind = "", anchor = "start", font = "sans-serif" } = {}) {
  const shown = fitted(text, width, (part) => widthOf(part, size, font));
  const element = makeSvg("text", { x, y, class: kind, "font-size": size, "text-anchor": anchor, text: shown });
  if (shown !== text) element.append(makeSvg("title", { text }));
  return element;
}

export function widthOf(text, size, font) {
  ruler = ruler ?? document.createElement("canvas").getContext("2d");
  ruler.font = `${size}px ${font}`;
  return ruler.measureText(text).width;
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

/** A place on an axis (0 to 1) as a person reads it. */
export function readPosition(axis, place) {
  if (!Number.isFinite(place)) return "–";
  const value = axis.low + place * (axis.high - axis.low);
  if (axis.categories.length) return axis.categories[Math.round(value)] ?? "–";
  return withUnit(formatNumber(value, axis.decimals), axis.unit);
}

/** Grid lines and numbers of two axes around a rectangle; an axis without numbers has a name only. */
export function frameOf(rect, x, y, font) {
  const { left, top, width, height } = rect;
  const { x: toX, y: toY } = scalesOf(rect, x.range, y.range);
  const parts = [];
  const ticksOf = (axis, room) => (axis.isBlind ? [] : niceTicks(axis.range[0], axis.range[1], room));
  const xs = ticksOf(x, width / 70);
  for (const tick of xs) {
    parts.push(makeSvg("path", { class: "grid", d: `M${toX(tick)} ${top}v${height}` }));
    const text = x.read?.(tick) ?? formatNumber(tick, tickDigits(xs));
    parts.push(label(text, toX(tick), top + height + 14, { kind: "soft", size: 10.5, anchor: "middle" }));
  }
  const ys = ticksOf(y, height / 46);
  for (const tick of ys) {
    parts.push(makeSvg("path", { class: "grid", d: `M${left} ${toY(tick)}h${width}` }));
    const text = y.read?.(tick) ?? formatNumber(tick, tickDigits(ys));
    parts.push(label(text, left - 6, toY(tick) + 3.5, { kind: "soft", size: 10.5, anchor: "end", width: left - 8, font }));
  }
  const room = { size: 11, kind: "soft", width: width - 14, font };
  parts.push(label(y.title, left, top - 8, room));
  parts.push(label(`${x.title} →`, left + width, top + height + (x.isBlind ? 14 : 29), { ...room, anchor: "end" }));
  return { toX, toY, parts };
}

/** The room that the numbers of a vertical axis need. */
export function marginFor(range, height, font) {
  const ticks = niceTicks(range[0], range[1], height / 46);
  return 12 + Math.max(...ticks.map((tick) => widthOf(formatNumber(tick, tickDigits(ticks)), 10.5, font)), 8);
}
