/** The map: recorded rows, the best of every lineage by its outcome, and the rows of the table. */

import { setText } from "../../browser/dom.js";
import { clamp, formatNumber, freePlace, labelOf, rangeOfValues } from "../../browser/numbers.js";
import { makeSvg } from "../../browser/svg.js";
import { dotsOf, frameOf, label, marginFor, readPosition } from "./drawing.js";
import { choose, highlight, isInside, leave, levelOf, positionsOf, showPoint, tip } from "./linking.js";

export function showMap(view) {
  const { svg, width, height, font } = view.plots.map;
  const byKey = (key) => view.mapAxes.find((axis) => axis.key === key);
  const [x, y] = [byKey(view.mapChoice.x), byKey(view.mapChoice.y)];
  const left = y.isBlind ? 4 : Math.min(marginFor(y.range, height, font), 70);
  const rect = { left, top: 20, width: width - left - 10, height: height - 20 - (x.isBlind ? 20 : 36) };
  const { toX, toY, parts } = frameOf(rect, x, y, font);
  const { recorded, archive, words } = view.data.map;
  const ofPoint = (cloud, i) => [toX(x.ofPoint(cloud, i)), toY(y.ofPoint(cloud, i))];
  const ofHere = (cloud, i) => (cloud.x.length ? ofPoint(cloud, i) : [NaN, NaN]);
  view.spots = {
    ofHere, rows: view.rows.map((row) => [toX(x.ofRow(row)), toY(y.ofRow(row))]),
    recorded: recorded.x.map((_, i) => ofPoint(recorded, i)),
    archive: archive.x.map((_, i) => ofPoint(archive, i)),
  };
  const clouds = [...dotted(view, recorded, "recorded", () => "cloud"), ...archiveParts(view, archive)];
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", words);
  svg.replaceChildren(makeSvg("g", {}, ...parts), makeSvg("g", { class: "clouds" }, ...clouds), makeSvg("g", { class: "place" }), ...marksOf(view, view.spots.rows, rect));
  followMap(view);
}

/** Dots of a cloud, one path per colour; those that the filter leaves out are faint. */
function dotted(view, cloud, name, classOf) {
  const groups = new Map();
  view.spots[name].forEach((spot, i) => {
    const isOut = view.brushes.size && !isInside(view, positionsOf(cloud, i));
    const key = isOut ? "cloud is-out" : classOf(i);
    groups.set(key, [...(groups.get(key) ?? []), spot]);
  });
  return [...groups].sort().map(([key, spots]) => makeSvg("path", { class: key, d: dotsOf(spots) }));
}

function archiveParts(view, cloud) {
  const { shades, ends } = shadesOf(view, cloud);
  const read = (place) => readPosition({ ...view.axes[0], unit: "" }, place);
  const unit = view.axes[0].unit ? ` ${view.axes[0].unit}` : "";
  const [a, b] = view.goal === "minimum" ? [ends[1], ends[0]] : ends;
  setText(view.parts["legend-scale"], `best of each lineage, ${read(a)} to ${read(b)}${unit}`);
  view.parts["legend-archive"].hidden = !cloud.x.length;
  return dotted(view, cloud, "archive", (i) => `found a${shades[i]}`);
}

/** Rows of the table at spots [x, y]: a mark each, and the numbers of the results beside them, apart from each other. */
export function marksOf(view, spots, rect) {
  const occupied = spots.filter((_, i) => view.rows[i].kind === "result" || view.rows[i].kind === "reference");
  const order = view.rows.map((_, i) => i).reverse();
  return order.map((i) => {
    const { kind, number, colour } = view.rows[i];
    const [x, y] = spots[i];
    if (!Number.isFinite(x + y)) return null;
    const isBig = kind === "result" || kind === "reference";
    const parts = [makeSvg("circle", { class: "mark", cx: x, cy: y, r: isBig ? 5 : 3.4 })];
    if (isBig) {
      const [tx, ty] = freePlace(occupied, x, y, rect, [16, 24, 33]);
      occupied.push([tx, ty]);
      parts.push(makeSvg("path", { class: "lead", d: `M${x} ${y}L${tx} ${ty}` }));
      parts.push(makeSvg("circle", { class: "plate", cx: tx, cy: ty, r: 7.5 }));
      parts.push(label(number ? String(number) : "R", tx, ty + 3.8, { size: 11, anchor: "middle", kind: "text number" }));
    }
    return makeSvg("g", { class: `row ${kind}`, "data-row": i, "--colour": colour || null }, ...parts);
  }).filter(Boolean);
}

export function wireMap(view) {
  const { svg } = view.plots.map;
  const under = (event) => {
    const box = svg.getBoundingClientRect();
    return nearest(view, event.clientX - box.left, event.clientY - box.top);
  };
  svg.addEventListener("pointermove", (event) => {
    const found = under(event);
    svg.style.cursor = found?.kind === "rows" && view.rows[found.i].kind === "result" ? "pointer" : "";
    highlight(view, found?.kind === "rows" ? found.i : null);
    showPoint(view, found && found.kind !== "rows" ? { cloud: view.data.map[found.kind], i: found.i } : null);
    tip(view, found && wordsOf(view, found), { x: event.clientX, y: event.clientY });
  });
  svg.addEventListener("pointerleave", () => leave(view));
  svg.addEventListener("click", (event) => {
    const found = under(event);
    if (found?.kind === "rows") choose(view, found.i);
  });
  for (const side of ["x", "y"]) {
    view.parts[`map-${side}`].addEventListener("change", (event) => {
      view.mapChoice[side] = event.target.value;
      fillMapChoices(view);
      showMap(view);
      view.afterTable();
    });
  }
}

/** A ring around the candidate of the front that is looked at. */
export function followMap(view) {
  const place = view.plots.map.svg.querySelector(".place");
  if (!place || !view.spots) return;
  const isShown = view.point && view.point.cloud === view.data.pool;
  const [cx, cy] = isShown ? view.spots.ofHere(view.point.cloud, view.point.i) : [NaN, NaN];
  place.replaceChildren(...(Number.isFinite(cx + cy) ? [makeSvg("circle", { class: "here", cx, cy, r: 6.5 })] : []));
}

/** What is under the pointer: rows of the table first, then what was found, then what was recorded. */
function nearest(view, px, py) {
  for (const [kind, reach] of [["rows", 13], ["archive", 8], ["recorded", 6]]) {
    let best = null;
    (view.spots?.[kind] ?? []).forEach(([x, y], i) => {
      const distance = Math.hypot(x - px, y - py);
      if (distance <= reach && (!best || distance < best.distance)) best = { kind, i, distance };
    });
    if (best) return best;
  }
  return null;
}

function wordsOf(view, { kind, i }) {
  const [objective] = view.axes;
  if (kind === "rows") {
    const { name, title, texts } = view.rows[i];
    const value = objective.unit ? `${texts[0]} ${objective.unit}` : texts[0];
    return [title ? `${name}: ${title}` : name, `${objective.name}: ${value}`];
  }
  const value = readPosition(objective, positionsOf(view.data.map[kind], i)[0]);
  return [kind === "archive" ? "Best of a lineage" : "Recorded row", `${objective.name}: ${value}`];
}

/** What the map can be drawn over: two components, the objective, every feature. */
function mapAxes(view) {
  const { labels, recorded, archive } = view.data.map;
  const positionsOfRows = (c) => view.rows.map(({ place }) => place?.[c] ?? NaN);
  const components = labels.map((title, c) => {
    const name = ["x", "y"][c];
    const range = rangeOfValues([...positionsOfRows(c), ...recorded[name], ...archive[name]].map((value) => value ?? NaN), 0.04);
    return {
      key: `component-${c}`, name: `Component ${c + 1}`, title, range, isBlind: true,
      ofRow: (row) => row.place?.[c] ?? NaN, ofPoint: (cloud, i) => cloud[name][i] ?? NaN,
    };
  });
  const others = view.axes.map((axis, k) => {
    const value = (place) => axis.low + place * (axis.high - axis.low);
    const points = [recorded, archive].flatMap((cloud) => cloud.x.map((_, i) => value(levelOf(cloud, k, i))));
    const range = rangeOfValues([axis.low, axis.high, ...points], 0.03);
    const read = axis.categories.length ? (tick) => axis.categories[tick] ?? "" : (tick) => shortNumber(tick, range);
    return {
      key: `axis-${k}`, name: axis.name, title: labelOf(axis), range, read,
      ofRow: (row) => value(row.at[k] ?? NaN), ofPoint: (cloud, i) => value(levelOf(cloud, k, i)),
    };
  });
  // with one free feature there is no second component
  return spreads(positionsOfRows(1)) || spreads(recorded.y) ? [...components, ...others] : others;
}

const spreads = (values) => values.some((value) => Number.isFinite(value) && Math.abs(value - values[0]) > 1e-6);

function shortNumber(tick, [low, high]) {
  const digits = Math.max(0, Math.min(6, 1 - Math.floor(Math.log10((high - low) / 4 || 1))));
  return formatNumber(tick, Number.isInteger(tick) ? 0 : digits);
}

/** The two free features along which the results lie farthest apart, or nothing where there is only one. */
function tellingAxes(view) {
  const results = view.rows.filter(({ kind }) => kind === "result");
  const apart = view.axes.map(({ free }, k) => {
    const places = results.map(({ at }) => at[k]).filter(Number.isFinite);
    return { key: `axis-${k}`, spread: k && free && places.length ? Math.max(...places) - Math.min(...places) : -1 };
  });
  const known = apart.filter(({ spread }) => spread >= 0).sort((a, b) => b.spread - a.spread);
  return known.length > 1 ? [known[0].key, known[1].key] : null;
}

/** Show what the map can be drawn over, and keep what the user chose. */
export function fillMapChoices(view) {
  const axes = mapAxes(view);
  const kept = (key, fallback) => (axes.some((axis) => axis.key === key) ? key : fallback);
  const [first, second] = tellingAxes(view) ?? [axes[1]?.key ?? axes[0].key, axes[0].key];
  view.mapChoice = { x: kept(view.mapChoice?.x, first), y: kept(view.mapChoice?.y, second) };
  view.mapAxes = axes;
  for (const side of ["x", "y"]) {
    const chosen = view.mapChoice[side];
    const options = axes.map(({ key, name }) => new Option(name, key, false, key === chosen));
    view.parts[`map-${side}`].replaceChildren(...options);
  }
}

/** How strong the colour of each point of the archive is, 0 to 5; its outcome, read from the goal's better end. */
function shadesOf(view, cloud) {
  const outcomes = cloud.x.map((_, i) => levelOf(cloud, 0, i));
  const known = outcomes.filter(Number.isFinite).sort((a, b) => a - b);
  // a few lineages that ended early and deep down would make all others look alike
  const cut = (share) => known[Math.round(share * (known.length - 1))] ?? 0;
  const [low, high] = view.goal === "minimum" ? [cut(0), cut(0.9)] : [cut(0.1), cut(1)];
  const share = (place) => (high > low ? clamp((place - low) / (high - low), 0, 1) : 1);
  const shades = outcomes.map((place) => {
    const strength = view.goal === "minimum" ? 1 - share(place) : share(place);
    return Number.isFinite(place) ? Math.round(5 * strength) : 0;
  });
  return { shades, ends: [low, high] };
}
