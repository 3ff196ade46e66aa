/** Where values land, and how they read. */

import { formatNumber, niceTicks, tickDigits } from "../look.js";
import { draw, label, widthOf } from "./dom.js";

export const withItsUnit = (text, unit) => (unit ? `${text} ${unit}` : text);
export const titled = ({ name, unit }) => (unit ? `${name} [${unit}]` : name);

/** A place on an axis (0 to 1) as a person reads it. */
export function readPlace(axis, place) {
  if (!Number.isFinite(place)) return "–";
  const value = axis.low + place * (axis.high - axis.low);
  if (axis.categories.length) return axis.categories[Math.round(value)] ?? "–";
  return withItsUnit(formatNumber(value, axis.decimals), axis.unit);
}

/** A range of values, a little wider than they are. */
export function rangeOfValues(values, share = 0.06) {
  const known = values.filter(Number.isFinite);
  if (!known.length) return [0, 1];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const room = (high - low || Math.abs(high) || 1) * share;
  return [low - room, high + room];
}

/** Grid lines and numbers of two axes around a rectangle; an axis without numbers has a name only. */
export function frameOf(rect, x, y, font) {
  const { left, top, width, height } = rect;
  const [toX, toY] = [place(x.range, left, width), place(y.range, top + height, -height)];
  const parts = [];
  const ticksOf = (axis, room) => (axis.isBlind ? [] : niceTicks(axis.range[0], axis.range[1], room));
  const xs = ticksOf(x, width / 70);
  for (const tick of xs) {
    parts.push(draw("path", { class: "grid", d: `M${toX(tick)} ${top}v${height}` }));
    const text = x.read?.(tick) ?? formatNumber(tick, tickDigits(xs));
    parts.push(label(text, toX(tick), top + height + 14, { kind: "soft", size: 10.5, anchor: "middle" }));
  }
  const ys = ticksOf(y, height / 46);
  for (const tick of ys) {
    parts.push(draw("path", { class: "grid", d: `M${left} ${toY(tick)}h${width}` }));
    const text = y.read?.(tick) ?? formatNumber(tick, tickDigits(ys));
    parts.push(label(text, left - 6, toY(tick) + 3.5, { kind: "soft", size: 10.5, anchor: "end", width: left - 8, font }));
  }
  const room = { size: 11, kind: "soft", width: width - 14, font };
  parts.push(label(`${y.title}`, left, top - 8, room));
  parts.push(label(`${x.title} →`, left + width, top + height + (x.isBlind ? 14 : 29), { ...room, anchor: "end" }));
  return { toX, toY, parts };
}

/** The room that the numbers of a vertical axis need. */
export function marginFor(range, height, font) {
  const ticks = niceTicks(range[0], range[1], height / 46);
  return 12 + Math.max(...ticks.map((tick) => widthOf(formatNumber(tick, tickDigits(ticks)), 10.5, font)), 8);
}

const place = ([low, high], start, length) => (value) => start + ((value - low) / (high - low || 1)) * length;
