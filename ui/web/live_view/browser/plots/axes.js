/** The map's axes: which value each shows, over which range, where a point lands; what is drawn behind lineages. */

import { drawGrid, drawPath, nameAxes } from "../../../browser/canvas.js";
import { fitted } from "../../../browser/dom.js";
import {
  formatNumber, labelOf, lerp, niceTicks, scalesOf, smooth, tickDigits, upperBound, widened,
} from "../../../browser/numbers.js";
import { COLUMN, cell } from "../store.js";

/**
 * All axes of a scene. `value` counts as in recorded rows: 0 the outcome, 1 to d the features, then two components and
 * several goals; an event holds the same values four columns later, the first one excepted.
 */
export function listAxes(scene) {
  const d = scene.features.length;
  const axes = [];
  scene.features.forEach(({ name, unit, low, high, categories }, j) => {
    axes.push({ key: `feature-${j}`, value: j + 1, name, label: labelOf({ name, unit }), low, high, categories });
  });
  axes.push({ key: "outcome", value: 0, name: scene.outcome.name, label: labelOf(scene.outcome), categories: [] });
  scene.goals.forEach((goal, j) => {
    if (goal.name === scene.outcome.name) return;
    axes.push({ key: `goal-${j}`, value: d + 3 + j, name: goal.name, label: labelOf(goal), categories: [] });
  });
  const hasComponents = d > 1 && [d + 1, d + 2].every((value) => Number.isFinite(scene.recorded.values[value]));
  for (const i of hasComponents ? [0, 1] : []) {
    const share = scene.explained ? `, ${Math.round(100 * scene.explained[i])} % of the variation` : "";
    const [name, label] = [`Component ${i + 1}`, `Principal component ${i + 1}${share}`];
    axes.push({ key: `component-${i}`, value: d + 1 + i, name, label, isComponent: true, categories: [] });
  }
  return axes;
}

const featureKeys = ([across, up]) => ({ x: `feature-${across}`, y: `feature-${up}` });

/** The axes that say most at first sight: the two features that tell most of the outcome. */
export function defaultAxes(scene, axes) {
  if (scene.line) return { x: `feature-${scene.line.feature}`, y: "outcome" };
  if (scene.axes) return featureKeys(scene.axes);
  return { x: axes[0].key, y: axes.length > 2 && axes[1].value > 0 ? axes[1].key : "outcome" };
}

/** Turn the map to other axes {x, y}, by their keys; on its way for half a second where motion is wanted. */
export function turnMap(view, keys, isAtOnce = false) {
  const { mapView, parts } = view;
  if (mapView.x.key === keys.x && mapView.y.key === keys.y) return;
  const moves = !isAtOnce && !view.motion.matches && mapView.dx && mapView.dy;
  mapView.former = moves ? { x: mapView.x, y: mapView.y, dx: [...mapView.dx], dy: [...mapView.dy] } : null;
  mapView.blend = mapView.former ? 0 : 1;
  for (const side of ["x", "y"]) {
    if (mapView[side].key === keys[side]) continue;
    mapView[side] = view.axes.find((axis) => axis.key === keys[side]);
    mapView[`d${side}`] = null;
    parts[`axis-${side}`].value = keys[side];
  }
  view.rangesOf = -1;
}

/** Once the results are there, turn the map to the features that separate them most, unless the user chose axes. */
export function turnToResults(view, isAtOnce) {
  if (!view.resultAxes || view.hasChosenAxes || view.scene.line) return;
  turnMap(view, featureKeys(view.resultAxes), isAtOnce);
  view.resultAxes = null;
}

const eventColumn = (axis) => (axis.value === 0 ? COLUMN.outcome : COLUMN.features + axis.value - 1);

/** The range [low, high] of an axis over recorded rows, events and bounds, with a margin. */
export function rangeOf(axis, scene, store) {
  if (axis.categories.length) return [-0.6, axis.categories.length - 0.4];
  let low = axis.low ?? Infinity;
  let high = axis.high ?? -Infinity;
  const { n, width, values } = scene.recorded;
  for (let i = 0; i < n; i += 1) {
    const value = values[i * width + axis.value];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  low = Math.min(low, store.low[eventColumn(axis)]);
  high = Math.max(high, store.high[eventColumn(axis)]);
  if (axis.value === 0 && scene.line) {
    low = Math.min(low, ...scene.line.y);
    high = Math.max(high, ...scene.line.y);
  }
  return low <= high ? widened(low, high, 0.05) : [0, 1];
}

/** Whether these axes show the outcome curve. */
export function isCurve(scene, x, y) {
  return Boolean(scene.line) && x.value === scene.line.feature + 1 && y.value === 0;
}

function curveAt(line, x) {
  const k = upperBound(line.x, x);
  if (k === 0) return line.y[0];
  if (k === line.x.length) return line.y[k - 1];
  const span = line.x[k] - line.x[k - 1];
  return lerp(line.y[k - 1], line.y[k], span ? (x - line.x[k - 1]) / span : 0);
}

/** Dots of one category side by side instead of on top of each other: a fixed shift by number. */
function shift(axis, id) {
  if (!axis.categories.length) return 0;
  return (((id * 0.618034) % 1) - 0.5) * 0.5;
}

/** The pair of values of a lineage's segment on two axes; on the outcome curve it rides along the curve. */
function pointOf(scene, store, x, y, segment, id) {
  const { a, b, u } = segment;
  const at = (row, axis) => cell(store, row, eventColumn(axis)) + shift(axis, id);
  const px = lerp(at(a, x), at(b, x), u);
  if (u === 1 || !isCurve(scene, x, y)) return [px, lerp(at(a, y), at(b, y), u)];
  const residual = (row) => at(row, y) - curveAt(scene.line, at(row, x));
  return [px, curveAt(scene.line, px) + lerp(residual(a), residual(b), u)];
}

/** Pixels of a recorded row, or of another row with its columns. */
export function placeRecorded({ scene, mapView: view }, rect, i, rows = scene.recorded) {
  const at = (axis) => rows.values[i * rows.width + axis.value] + shift(axis, i + 1);
  return toPlace(view, rect, (x, y) => [at(x), at(y)]);
}

export function mapRect(size, view) {
  const [left, bottom] = view.margins;
  const top = 18;
  return { left, top, width: Math.max(10, size.width - left - 12), height: Math.max(10, size.height - top - bottom) };
}

function toPixels(rect, dx, dy, [px, py]) {
  const { x, y } = scalesOf(rect, dx, dy);
  return [x(px), y(py)];
}

/** Pixels of what `point(xAxis, yAxis)` returns; between the former axes and the new ones after a change. */
export function toPlace(view, rect, point) {
  const now = toPixels(rect, view.dx, view.dy, point(view.x, view.y));
  if (!view.former) return now;
  const then = toPixels(rect, view.former.dx, view.former.dy, point(view.former.x, view.former.y));
  const u = smooth(view.blend);
  return [lerp(then[0], now[0], u), lerp(then[1], now[1], u)];
}

export const placeTrack = ({ scene, store, mapView: view }, rect, segment, id) =>
  toPlace(view, rect, (x, y) => pointOf(scene, store, x, y, segment, id));

export const placeRow = (frame, rect, row, id) => placeTrack(frame, rect, { a: row, b: row, u: 1 }, id);

export function drawAxes(context, rect, size, view, theme) {
  const { x, y } = scalesOf(rect, view.dx, view.dy);
  const short = (text, room) => fitted(text, room, (part) => context.measureText(part).width);
  const axisOf = ({ categories, isComponent }, at, range, length, roomOf) => {
    const ticks = categories.length ? categories.map((_, i) => i) : niceTicks(range[0], range[1], length / 80);
    const words = (tick) => categories[Math.round(tick)] ?? formatNumber(tick, tickDigits(ticks));
    return { ticks, at, hasLines: true, text: isComponent ? null : (tick) => short(words(tick), roomOf(ticks)) };
  };
  const across = axisOf(view.x, x, view.dx, rect.width, (ticks) => rect.width / Math.max(1, ticks.length) - 6);
  const upwards = axisOf(view.y, y, view.dy, rect.height * 1.3, () => rect.left - 10);
  drawGrid(context, theme, rect, across, upwards);
  const [right, top] = [view.x.label, view.y.label].map((label) => short(label, rect.width - 16));
  nameAxes(context, theme, rect, size, `${right} →`, `↑ ${top}`);
}

export function drawCurve(context, rect, frame) {
  const { scene, theme, mapView: view } = frame;
  if (!isCurve(scene, view.x, view.y)) return;
  context.globalAlpha = view.former ? view.blend : 1;
  context.strokeStyle = theme.curve;
  context.lineWidth = 1.8;
  context.lineJoin = "round";
  drawPath(context, Array.from(scene.line.x, (x, i) => toPixels(rect, view.dx, view.dy, [x, scene.line.y[i]])));
  context.globalAlpha = 1;
}
