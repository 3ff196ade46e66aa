/** The map's axes: which value each shows, over which range, and where a point lands. */

import { cell, COLUMN } from "./store.js";
import { lerp, upperBound } from "../look.js";

/**
 * All axes of a scene. `value` counts as in recorded rows: 0 the outcome, 1 to d the features, then two components;
 * an event holds the same values four columns later, the first one excepted.
 */
export function listAxes(scene) {
  const d = scene.features.length;
  const axes = [];
  const hasComponents = d > 1 && [d + 1, d + 2].every((value) => Number.isFinite(scene.recorded.values[value]));
  if (hasComponents) {
    for (const i of [0, 1]) {
      const share = scene.explained ? `, ${Math.round(100 * scene.explained[i])} % of the variation` : "";
      axes.push({
        key: `component-${i}`,
        value: d + 1 + i,
        name: `Component ${i + 1}`,
        label: `Principal component ${i + 1}${share}`,
        isComponent: true,
        categories: [],
      });
    }
  }
  scene.features.forEach(({ name, unit, low, high, categories }, j) => {
    const label = unit ? `${name} [${unit}]` : name;
    axes.push({ key: `feature-${j}`, value: j + 1, name, label, low, high, categories });
  });
  const { name, unit } = scene.outcome;
  axes.push({ key: "outcome", value: 0, name, label: unit ? `${name} [${unit}]` : name, categories: [] });
  return axes;
}

/** The axes that say most at first sight. */
export function defaultAxes(scene, axes) {
  if (scene.line) return { x: `feature-${scene.line.feature}`, y: "outcome" };
  if (axes[0].isComponent) return { x: axes[0].key, y: axes[1].key };
  return { x: axes[0].key, y: axes.length > 2 ? axes[1].key : "outcome" };
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
  if (!(low <= high)) return [0, 1];
  const margin = (high - low || Math.abs(high) || 1) * 0.05;
  return [low - margin, high + margin];
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
export function pointOf(scene, store, x, y, segment, id) {
  const { a, b, u } = segment;
  const at = (row, axis) => cell(store, row, eventColumn(axis)) + shift(axis, id);
  const px = lerp(at(a, x), at(b, x), u);
  if (u === 1 || !isCurve(scene, x, y)) return [px, lerp(at(a, y), at(b, y), u)];
  const residual = (row) => at(row, y) - curveAt(scene.line, at(row, x));
  return [px, curveAt(scene.line, px) + lerp(residual(a), residual(b), u)];
}

export function recordedPoint(scene, x, y, i, rows = scene.recorded) {
  const at = (axis) => rows.values[i * rows.width + axis.value] + shift(axis, i + 1);
  return [at(x), at(y)];
}
