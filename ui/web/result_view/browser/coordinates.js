/**
 * Parallel coordinates: a flat axis each, one below the other, so that names keep their room; lines run downwards. Drag
 * along an axis, or use the keys, to filter.
 */

import { setText } from "../../browser/dom.js";
import { clamp, withUnit } from "../../browser/numbers.js";
import { makeSvg } from "../../browser/svg.js";
import { label, pathOf, readPosition, widthOf } from "./drawing.js";
import { choose, describedRow, highlight, isInside, leave, levelOf, mark, positionsOf, rowUnder, tip } from "./linking.js";

const TOP = 6;
const MOST_LINES = 80; // of the archive within a filter

export function showCoordinates(view) {
  const { svg, width, height: room, font } = view.plots.coordinates;
  const n = view.axes.length;
  const step = n > 14 ? 30 : Math.max(36, Math.min(72, Math.floor((room - TOP - 14) / n)));
  const isNarrow = width < 460;
  const left = Math.min(isNarrow ? 104 : 150, 14 + Math.max(...view.axes.map(({ name }) => widthOf(name, 12, font))));
  const right = isNarrow ? 62 : 84;
  const rect = { left, width: Math.max(60, width - left - right - 12), step, top: TOP, right };
  const height = TOP + n * step + 12;
  view.coordinates = { rect, height };
  svg.setAttribute("height", height);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", view.data.coordinates.words);
  const layers = ["axes", "pool", "lines", "ends", "points", "brushes", "values"];
  view.coordinates.layers = Object.fromEntries(layers.map((name) => [name, makeSvg("g", { class: `layer-${name}` })]));
  svg.replaceChildren(...Object.values(view.coordinates.layers));
  view.coordinates.layers.axes.append(...view.axes.flatMap((axis, k) => axisParts(view, axis, k)));
  view.coordinates.layers.lines.append(...view.rows.map((row, i) => lineOf(view, row, i)).reverse());
}

const lineY = (rect, k) => rect.top + (k + 0.72) * rect.step;
const placeX = (rect, place) => rect.left + place * rect.width;

function axisParts(view, axis, k) {
  const { rect } = view.coordinates;
  const { font } = view.plots.coordinates;
  const y = lineY(rect, k);
  const kind = axis.free ? "" : " is-quiet";
  const parts = [makeSvg("path", { class: `bars${kind}`, d: barsOf(rect, axis, y) })];
  parts.push(makeSvg("path", { class: "axis", d: `M${rect.left} ${y}h${rect.width}` }));
  if (axis.bounds) {
    const [a, b] = axis.bounds.map((place) => placeX(rect, clamp(place, 0, 1)));
    parts.push(makeSvg("path", { class: "bounds", d: `M${a.toFixed(1)} ${y}H${b.toFixed(1)}` }));
  }
  const name = { size: 12, width: rect.left - 12, font, kind: k ? `text${kind}` : "text is-first" };
  parts.push(label(axis.name, 0, y - 8, name));
  const under = axis.free ? axis.unit : [axis.unit, "frozen"].filter(Boolean).join(", ");
  if (under) parts.push(label(under, 0, y + 4, { ...name, size: 10.5, kind: "soft" }));
  view.coordinates.layers.ends.append(...endsOf(rect, axis, y, font));
  return parts;
}

/** What stands under an axis: its two ends, or its categories where they fit. */
function endsOf(rect, axis, y, font) {
  const room = { size: 9.5, kind: "soft end", font };
  if (!axis.categories.length) {
    const [low, high] = axis.ends;
    return [label(low, rect.left, y + 10.5, room), label(high, rect.left + rect.width, y + 10.5, { ...room, anchor: "end" })];
  }
  const width = rect.width / axis.categories.length - 4;
  if (width < 14) return [];
  return axis.categories.map((text, i) =>
    label(text, placeX(rect, (i + 0.5) / axis.categories.length), y + 10.5, { ...room, width, anchor: "middle" }));
}

function barsOf(rect, { edges, shares }, y) {
  const tallest = Math.max(...shares, 1e-9);
  const room = rect.step * 0.6;
  return shares.map((share, i) => {
    const [a, b] = [edges[i], edges[i + 1]].map((place) => placeX(rect, clamp(place, 0, 1)));
    const height = (share / tallest) * room;
    return height > 0.2 ? `M${a.toFixed(1)} ${y}v${-height.toFixed(1)}H${b.toFixed(1)}V${y}z` : "";
  }).join("");
}

const pointsOf = (rect, at) => at.map((place, k) => [placeX(rect, place ?? NaN), lineY(rect, k)]);

function lineOf(view, row, i) {
  const { rect } = view.coordinates;
  const points = pointsOf(rect, row.at);
  const d = pathOf(points);
  const marks = points.filter(([x]) => Number.isFinite(x)).map(([x, y]) =>
    makeSvg("circle", { class: "mark", cx: x.toFixed(1), cy: y, r: row.kind === "result" ? 3.4 : 2.2 }));
  const attributes = { class: `row ${row.kind}`, "data-row": i, "--colour": row.colour || null };
  return makeSvg("g", attributes, makeSvg("path", { class: "line", d, "stroke-dasharray": row.dash }), ...marks,
    makeSvg("path", { class: "reach", d }));
}

/** What follows the pointer: values of the row that speaks, the point under the pointer, the filter. */
export function followCoordinates(view) {
  if (!view.coordinates) return;
  const { rect, layers } = view.coordinates;
  const row = view.rows[describedRow(view)];
  const at = view.point ? positionsOf(view.point.cloud, view.point.i) : row?.at;
  const { font } = view.plots.coordinates;
  const texts = view.point ? view.axes.map((axis, k) => readPosition(axis, at[k])) : row?.texts ?? [];
  const shown = { size: 11.5, width: rect.right - 4, font, kind: "text value" };
  layers.values.replaceChildren(
    ...texts.map((text, k) => label(text, rect.left + rect.width + 12, lineY(rect, k) + 3, shown)));
  setText(view.parts.who, view.point ? "found on the way" : row ? row.name : "");
  layers.points.replaceChildren(...(view.point ? [makeSvg("path", { class: "point", d: pathOf(pointsOf(rect, at)) })] : []));
}

/** The filter: ranges on the axes, and of what the search found the lines within. */
export function showFilter(view) {
  const { rect, layers } = view.coordinates;
  layers.brushes.replaceChildren(...[...view.brushes].map(([k, [low, high]]) => {
    const [a, b] = [placeX(rect, low), placeX(rect, high)];
    const y = lineY(rect, k) - rect.step * 0.62;
    return makeSvg("rect", { class: "brush", x: a, y, width: Math.max(2, b - a), height: rect.step * 0.78, rx: 3 });
  }));
  const cloud = view.data.map?.archive;
  const inside = cloud && view.brushes.size ? within(view, cloud) : [];
  layers.pool.replaceChildren(...inside.slice(0, MOST_LINES).map((i) =>
    makeSvg("path", { class: "found", d: pathOf(pointsOf(rect, positionsOf(cloud, i))) })));
  describeFilter(view, cloud, inside);
}

function within(view, cloud) {
  const n = cloud.x.length;
  return [...Array(n).keys()].filter((i) => isInside(view, cloud.levels.map((_, k) => levelOf(cloud, k, i))));
}

function describeFilter(view, cloud, inside) {
  const { parts, brushes, axes } = view;
  parts.clear.hidden = !brushes.size;
  if (!brushes.size) {
    setText(parts["filter-words"], "");
    return;
  }
  const ranges = [...brushes].map(([k, [low, high]]) => {
    const axis = { ...axes[k], unit: "" };
    return withUnit(`${axes[k].name} ${readPosition(axis, low)} to ${readPosition(axis, high)}`, axes[k].unit);
  });
  const numbers = view.rows.filter(({ kind, at }) => kind === "result" && isInside(view, at)).map(({ number }) => number);
  const results = numbers.length === 0 ? "no result" : `result${numbers.length > 1 ? "s" : ""} ${numbers.join(", ")}`;
  const best = inside.length ? `, the best ${readPosition(axes[0], levelOf(cloud, 0, inside[0]))}` : "";
  const found = cloud ? `; ${inside.length} of ${cloud.x.length} shown lineages${best}` : "";
  setText(parts["filter-words"], `Only ${ranges.join(", ")}: ${results}${found}.`);
}

const STEP = 0.02;

export function wireCoordinates(view) {
  const { svg } = view.plots.coordinates;
  let drag = null;
  const positionAt = (event) => {
    const { rect } = view.coordinates;
    const box = svg.getBoundingClientRect();
    const k = Math.floor((event.clientY - box.top - rect.top) / rect.step);
    const place = (event.clientX - box.left - rect.left) / rect.width;
    return { k: clamp(k, 0, view.axes.length - 1), place: clamp(place, 0, 1) };
  };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button === 0) drag = { ...positionAt(event), x: event.clientX, isBrush: false, row: rowUnder(event) };
  });
  svg.addEventListener("pointermove", (event) => {
    if (drag && Math.abs(event.clientX - drag.x) > 4) {
      drag.isBrush = true;
      svg.setPointerCapture(event.pointerId);
      const { place } = positionAt(event);
      setBrush(view, drag.k, [Math.min(drag.place, place), Math.max(drag.place, place)]);
    }
    if (drag?.isBrush) return;
    const row = rowUnder(event);
    highlight(view, row);
    const { k } = positionAt(event);
    const at = { x: event.clientX, y: event.clientY };
    tip(view, row === null ? null : [view.rows[row].name, `${view.axes[k].name}: ${valueOf(view, row, k)}`], at);
  });
  const end = (event) => {
    if (drag && !drag.isBrush && event.type === "pointerup") {
      if (drag.row !== null) choose(view, drag.row);
      else if (view.brushes.has(drag.k)) setBrush(view, drag.k, null);
    }
    drag = null;
  };
  svg.addEventListener("pointerup", end);
  svg.addEventListener("pointercancel", end);
  svg.addEventListener("pointerleave", () => {
    if (!drag?.isBrush) leave(view);
  });
  svg.addEventListener("keydown", (event) => pressed(view, event));
  view.parts.clear.addEventListener("click", () => {
    view.brushes.clear();
    showBrushes(view);
  });
}

function valueOf(view, row, k) {
  const { unit, categories } = view.axes[k];
  const text = view.rows[row].texts[k];
  return categories.length ? text : withUnit(text, unit);
}

/** A range of an axis, or none. */
function setBrush(view, k, range) {
  if (range === null) view.brushes.delete(k);
  else view.brushes.set(k, range);
  showBrushes(view);
}

function showBrushes(view) {
  showFilter(view);
  showHandles(view);
  view.afterFilter();
  mark(view);
}

/** What the keyboard holds: one handle for each axis. */
export function showHandles(view) {
  const { rect, layers } = view.coordinates;
  const known = view.coordinates.handles;
  if (!known) {
    view.coordinates.handles = view.axes.map((axis, k) => makeSvg("rect", {
      class: "handle", "data-axis": k, x: rect.left - 4, y: lineY(rect, k) - rect.step * 0.66, width: rect.width + 8,
      height: rect.step * 0.9, rx: 4, role: "slider", tabindex: k ? -1 : 0, "aria-valuemin": 0, "aria-valuemax": 100,
      "aria-label": `Filter by ${axis.name}`,
      "aria-description": "Right and left arrows move the low end, with Shift the high end; Escape clears; up and down go to the next axis.",
    }));
    layers.axes.prepend(...view.coordinates.handles);
  }
  view.coordinates.handles.forEach((handle, k) => {
    const range = view.brushes.get(k);
    handle.setAttribute("aria-valuenow", Math.round(100 * (range?.[0] ?? 0)));
    const words = range ? `${Math.round(100 * range[0])} to ${Math.round(100 * range[1])} % of the axis` : "no filter";
    handle.setAttribute("aria-valuetext", words);
  });
}

function pressed(view, event) {
  const k = Number(event.target.dataset?.axis ?? NaN);
  if (!Number.isFinite(k)) return;
  const step = { ArrowRight: STEP, ArrowLeft: -STEP }[event.key];
  const next = { ArrowDown: k + 1, ArrowUp: k - 1 }[event.key];
  if (step !== undefined) {
    const [low, high] = view.brushes.get(k) ?? [0, 1];
    const range = event.shiftKey ? [low, clamp(high + step, low, 1)] : [clamp(low + step, 0, high), high];
    setBrush(view, k, range[0] <= 0 && range[1] >= 1 ? null : range);
  } else if (event.key === "Escape") setBrush(view, k, null);
  else if (next !== undefined && view.coordinates.handles[next]) {
    view.coordinates.handles.forEach((handle, i) => handle.setAttribute("tabindex", i === next ? 0 : -1));
    view.coordinates.handles[next].focus();
  } else return;
  event.preventDefault();
}
