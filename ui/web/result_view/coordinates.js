/** Parallel coordinates: a flat axis each, one below the other, so that names keep their room; lines run downwards. */

import { draw, label, pathOf, says, widthOf } from "./dom.js";
import { isInside, levelOf, placesOf, speaker } from "./linking.js";
import { readPlace, withItsUnit } from "./scales.js";

const TOP = 6;
const MOST_LINES = 80; // of the archive within a filter

export function showCoordinates(view) {
  const { svg, width, height: room, font } = view.pictures.coordinates;
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
  const layers = ["axes", "pool", "lines", "ends", "ghosts", "brushes", "values"];
  view.coordinates.layers = Object.fromEntries(layers.map((name) => [name, draw("g", { class: `layer-${name}` })]));
  svg.replaceChildren(...Object.values(view.coordinates.layers));
  view.coordinates.layers.axes.append(...view.axes.flatMap((axis, k) => axisParts(view, axis, k)));
  view.coordinates.layers.lines.append(...view.rows.map((row, i) => lineOf(view, row, i)).reverse());
}

export const lineY = (rect, k) => rect.top + (k + 0.72) * rect.step;
export const placeX = (rect, place) => rect.left + place * rect.width;

function axisParts(view, axis, k) {
  const { rect } = view.coordinates;
  const { font } = view.pictures.coordinates;
  const y = lineY(rect, k);
  const kind = axis.free ? "" : " is-quiet";
  const parts = [draw("path", { class: `bars${kind}`, d: barsOf(rect, axis, y) })];
  parts.push(draw("path", { class: "axis", d: `M${rect.left} ${y}h${rect.width}` }));
  if (axis.bounds) {
    const [a, b] = axis.bounds.map((place) => placeX(rect, Math.max(0, Math.min(1, place))));
    parts.push(draw("path", { class: "bounds", d: `M${a.toFixed(1)} ${y}H${b.toFixed(1)}` }));
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
    const [a, b] = [edges[i], edges[i + 1]].map((place) => placeX(rect, Math.max(0, Math.min(1, place))));
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
    draw("circle", { class: "mark", cx: x.toFixed(1), cy: y, r: row.kind === "result" ? 3.4 : 2.2 }));
  const attributes = { class: `row ${row.kind}`, "data-row": i, "--colour": row.colour || null };
  return draw("g", attributes, draw("path", { class: "line", d, "stroke-dasharray": row.dash }), ...marks,
    draw("path", { class: "reach", d }));
}

/** What follows the pointer: values of the row that speaks, the point under the pointer, the filter. */
export function followCoordinates(view) {
  if (!view.coordinates) return;
  const { rect, layers } = view.coordinates;
  const row = view.rows[speaker(view)];
  const at = view.ghost ? placesOf(view.ghost.cloud, view.ghost.i) : row?.at;
  const { font } = view.pictures.coordinates;
  const texts = view.ghost ? view.axes.map((axis, k) => readPlace(axis, at[k])) : row?.texts ?? [];
  const shown = { size: 11.5, width: rect.right - 4, font, kind: "text value" };
  layers.values.replaceChildren(
    ...texts.map((text, k) => label(text, rect.left + rect.width + 12, lineY(rect, k) + 3, shown)));
  says(view.parts.who, view.ghost ? "found on the way" : row ? row.name : "");
  layers.ghosts.replaceChildren(...(view.ghost ? [draw("path", { class: "ghost", d: pathOf(pointsOf(rect, at)) })] : []));
}

/** The filter: ranges on the axes, and of what the search found the lines within. */
export function showFilter(view) {
  const { rect, layers } = view.coordinates;
  layers.brushes.replaceChildren(...[...view.brushes].map(([k, [low, high]]) => {
    const [a, b] = [placeX(rect, low), placeX(rect, high)];
    const y = lineY(rect, k) - rect.step * 0.62;
    return draw("rect", { class: "brush", x: a, y, width: Math.max(2, b - a), height: rect.step * 0.78, rx: 3 });
  }));
  const cloud = view.data.map?.archive;
  const inside = cloud && view.brushes.size ? within(view, cloud) : [];
  layers.pool.replaceChildren(...inside.slice(0, MOST_LINES).map((i) =>
    draw("path", { class: "found", d: pathOf(pointsOf(rect, placesOf(cloud, i))) })));
  tellFilter(view, cloud, inside);
}

export function within(view, cloud) {
  const n = cloud.x.length;
  return [...Array(n).keys()].filter((i) => isInside(view, cloud.levels.map((_, k) => levelOf(cloud, k, i))));
}

function tellFilter(view, cloud, inside) {
  const { parts, brushes, axes } = view;
  parts.clear.hidden = !brushes.size;
  if (!brushes.size) {
    says(parts["filter-words"], "Drag along an axis to see only what lies in that range.");
    return;
  }
  const ranges = [...brushes].map(([k, [low, high]]) => {
    const axis = { ...axes[k], unit: "" };
    return withItsUnit(`${axes[k].name} ${readPlace(axis, low)} to ${readPlace(axis, high)}`, axes[k].unit);
  });
  const numbers = view.rows.filter(({ kind, at }) => kind === "result" && isInside(view, at)).map(({ number }) => number);
  const results = numbers.length === 0 ? "no result" : `result${numbers.length > 1 ? "s" : ""} ${numbers.join(", ")}`;
  const best = inside.length ? `, the best ${readPlace(axes[0], levelOf(cloud, 0, inside[0]))}` : "";
  const found = cloud ? `; ${inside.length} of ${cloud.x.length} shown lineages${best}` : "";
  says(parts["filter-words"], `Only ${ranges.join(", ")}: ${results}${found}.`);
}
