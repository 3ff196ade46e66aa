/** The ground of the map: where values land, axes, recorded rows and the outcome curve. */

import { formatNumber, lerp, niceTicks, smooth, tickDigits } from "../look.js";
import { isCurve, pointOf, recordedPoint } from "./axes.js";

export function mapRect(size, view) {
  const [left, bottom] = view.margins;
  const top = 18;
  return { left, top, width: Math.max(10, size.width - left - 12), height: Math.max(10, size.height - top - bottom) };
}

function toPixels(rect, dx, dy, [px, py]) {
  return [
    rect.left + ((px - dx[0]) / (dx[1] - dx[0])) * rect.width,
    rect.top + rect.height - ((py - dy[0]) / (dy[1] - dy[0])) * rect.height,
  ];
}

/** Pixels of what `point(xAxis, yAxis)` returns; between the former axes and the new ones after a change. */
export function place(view, rect, point) {
  const now = toPixels(rect, view.dx, view.dy, point(view.x, view.y));
  if (!view.former) return now;
  const then = toPixels(rect, view.former.dx, view.former.dy, point(view.former.x, view.former.y));
  const u = smooth(view.blend);
  return [lerp(then[0], now[0], u), lerp(then[1], now[1], u)];
}

export const placeTrack = (frame, view, rect, segment, id) =>
  place(view, rect, (x, y) => pointOf(frame.scene, frame.store, x, y, segment, id));

export const placeRow = (frame, view, rect, row, id) => placeTrack(frame, view, rect, { a: row, b: row, u: 1 }, id);

export function drawAxes(context, rect, size, view, theme) {
  context.font = `11px ${theme.font}`;
  context.lineWidth = 1;
  const bottom = rect.top + rect.height;
  const text = (value, digits, axis) => axis.categories[Math.round(value)] ?? formatNumber(value, digits);
  const ticksOf = (axis, range, length) =>
    axis.categories.length ? axis.categories.map((_, i) => i) : niceTicks(range[0], range[1], length / 80);

  const xs = ticksOf(view.x, view.dx, rect.width);
  const ys = ticksOf(view.y, view.dy, rect.height * 1.3);
  context.strokeStyle = theme.grid;
  context.beginPath();
  for (const tick of xs) {
    const x = Math.round(toPixels(rect, view.dx, view.dy, [tick, 0])[0]) + 0.5;
    context.moveTo(x, rect.top);
    context.lineTo(x, bottom);
  }
  for (const tick of ys) {
    const y = Math.round(toPixels(rect, view.dx, view.dy, [0, tick])[1]) + 0.5;
    context.moveTo(rect.left, y);
    context.lineTo(rect.left + rect.width, y);
  }
  context.stroke();

  context.fillStyle = theme.label;
  context.textBaseline = "top";
  context.textAlign = "center";
  if (!view.x.isComponent) {
    const room = rect.width / Math.max(1, xs.length) - 6;
    for (const tick of xs) {
      const x = toPixels(rect, view.dx, view.dy, [tick, 0])[0];
      context.fillText(shorten(context, text(tick, tickDigits(xs), view.x), room), x, bottom + 6);
    }
  }
  context.textBaseline = "middle";
  context.textAlign = "right";
  if (!view.y.isComponent) {
    for (const tick of ys) {
      const y = toPixels(rect, view.dx, view.dy, [0, tick])[1];
      context.fillText(shorten(context, text(tick, tickDigits(ys), view.y), rect.left - 10), rect.left - 7, y);
    }
  }
  context.textBaseline = "alphabetic";
  context.fillText(`${shorten(context, view.x.label, rect.width - 16)} →`, rect.left + rect.width, size.height - 2);
  context.textAlign = "left";
  context.fillText(`↑ ${shorten(context, view.y.label, rect.width - 16)}`, rect.left, 9);
}

function shorten(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let n = text.length;
  while (n > 1 && context.measureText(`${text.slice(0, n)}…`).width > width) n -= 1;
  return `${text.slice(0, n)}…`;
}

export function drawRecorded(context, rect, frame) {
  const { scene, theme, mapView: view } = frame;
  context.fillStyle = theme.recorded;
  context.beginPath();
  for (let i = 0; i < scene.recorded.n; i += 1) {
    const [x, y] = place(view, rect, (ax, ay) => recordedPoint(scene, ax, ay, i));
    if (Number.isFinite(x + y)) {
      context.moveTo(x + 2.4, y);
      context.arc(x, y, 2.4, 0, 2 * Math.PI);
    }
  }
  context.fill();
}

export function drawCurve(context, rect, frame) {
  const { scene, theme, mapView: view } = frame;
  if (!isCurve(scene, view.x, view.y)) return;
  context.globalAlpha = view.former ? view.blend : 1;
  context.strokeStyle = theme.curve;
  context.lineWidth = 1.8;
  context.lineJoin = "round";
  context.beginPath();
  scene.line.x.forEach((x, i) => context.lineTo(...toPixels(rect, view.dx, view.dy, [x, scene.line.y[i]])));
  context.stroke();
  context.globalAlpha = 1;
}
