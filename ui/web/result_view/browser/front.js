/** The front: what was found in two outcomes, a third as size; moving along it lights up the nearest result. */

import { setText } from "../../browser/dom.js";
import { clamp, formatNumber, labelOf, rangeOfValues, withUnit } from "../../browser/numbers.js";
import { makeSvg } from "../../browser/svg.js";
import { frameOf, label, marginFor, readPosition } from "./drawing.js";
import { keepsBounds } from "./limits.js";
import { choose, highlight, levelOf, showPoint, tip } from "./linking.js";
import { marksOf } from "./map.js";

const DOT = [1.9, 4.6]; // radius of the smallest and of the largest candidate
const PLAIN_DOT = 2.6;
const REACH = 30; // pixels from the pointer to a candidate

export function showFront(view) {
  const { svg, width, height, font } = view.plots.front;
  const { pool, front } = view.data;
  const { x, y, size } = view.frontChoice;
  const [across, up] = [axisOfOutcome(view, x), axisOfOutcome(view, y)];
  const left = Math.min(marginFor(up.range, height, font), 70);
  const rect = { left, top: 20, width: width - left - 12, height: height - 56 };
  const { toX, toY, parts } = frameOf(rect, across, up, font);
  const radius = radiusOf(view, size);
  const known = (value) => value ?? NaN;
  view.frontSpots = {
    rows: view.rows.map(({ values }) => [toX(known(values?.[x])), toY(known(values?.[y]))]),
    dots: pool.values.map((values) => [toX(known(values[x])), toY(known(values[y]))]),
  };
  const dots = pool.values.map((values, i) => {
    const [cx, cy] = view.frontSpots.dots[i];
    const kind = keepsBounds(view, pool.kept[i]) ? (pool.front[i] ? "dot" : "dot is-beside") : "dot is-beyond";
    return makeSvg("circle", { class: kind, cx: cx.toFixed(1), cy: cy.toFixed(1), r: radius(values).toFixed(1) });
  });
  const knee = view.rows.findIndex(({ number }) => number && number === front.knee);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", front.words);
  svg.setAttribute("aria-valuemax", pool.values.length);
  svg.replaceChildren(
    makeSvg("g", {}, ...parts), ...linesOfBounds(view, rect, toX, toY), makeSvg("g", { class: "dots" }, ...dots),
    makeSvg("g", { class: "place" }), ...marksOf(view, view.frontSpots.rows, rect), ...kneeParts(view, knee, rect, font));
  followFront(view);
}

function kneeParts(view, knee, rect, font) {
  if (knee < 0) return [];
  const [x, y] = view.frontSpots.rows[knee];
  const isRight = x > rect.left + rect.width * 0.6;
  const text = label("knee", x + (isRight ? -10 : 10), y + 17, { size: 11, anchor: isRight ? "end" : "start", kind: "end soft", font });
  return [makeSvg("circle", { class: "knee", cx: x, cy: y, r: 9.5 }), text];
}

/** An outcome as an axis, with its better side said. */
function axisOfOutcome(view, j) {
  const outcome = view.data.outcomes[j];
  const values = [...view.data.pool.values, ...view.rows.map((row) => row.values ?? [])].map((each) => each[j] ?? NaN);
  const better = { maximum: "more is better", minimum: "less is better" }[outcome.goal];
  const target = outcome.goal === "value" ? `${formatNumber(outcome.target, outcome.decimals)} is wanted` : "";
  return { range: rangeOfValues(values, 0.05), title: [labelOf(outcome), better || target].filter(Boolean).join(", ") };
}

/** How large a dot is by a third outcome: its better end is the larger one. */
function radiusOf(view, j) {
  if (j === null) return () => PLAIN_DOT;
  const values = view.data.pool.values.map((each) => each[j] ?? NaN).filter(Number.isFinite);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const isLow = view.data.outcomes[j].goal === "minimum";
  return (each) => {
    const share = high > low ? clamp(((each[j] ?? low) - low) / (high - low), 0, 1) : 0.5;
    return DOT[0] + (isLow ? 1 - share : share) * (DOT[1] - DOT[0]);
  };
}

/** Limits by the prediction, as lines: those by the end of an interval lie elsewhere. */
function linesOfBounds(view, rect, toX, toY) {
  const { x, y } = view.frontChoice;
  return view.data.limits.flatMap(({ outcome, confidence }, l) => {
    if (confidence !== null || (outcome !== x && outcome !== y)) return [];
    const bound = view.bounds[l];
    const at = outcome === x ? toX(bound) : toY(bound);
    const isIn = outcome === x ? at >= rect.left && at <= rect.left + rect.width : at >= rect.top && at <= rect.top + rect.height;
    const d = outcome === x ? `M${at} ${rect.top}v${rect.height}` : `M${rect.left} ${at}h${rect.width}`;
    return isIn ? [makeSvg("path", { class: "limit", d })] : [];
  });
}

/** Show which outcomes the front can be drawn over, and keep what the user chose. */
export function fillFrontChoices(view) {
  const { outcomes, front } = view.data;
  const isKnown = (j) => Number.isInteger(j) && j < outcomes.length;
  const kept = view.frontChoice ?? {};
  const third = front.goals > 2 ? 2 : null;
  view.frontChoice = {
    x: isKnown(kept.x) ? kept.x : 1,
    y: isKnown(kept.y) ? kept.y : 0,
    size: kept.size === null || isKnown(kept.size) ? kept.size : third,
  };
  for (const side of ["x", "y", "size"]) {
    const chosen = view.frontChoice[side];
    const options = outcomes.map(({ name }, j) => new Option(name, j, false, j === chosen));
    if (side === "size") options.unshift(new Option("all alike", "", false, chosen === null));
    view.parts[`front-${side}`].replaceChildren(...options);
  }
  view.parts["front-size-label"].hidden = outcomes.length < 3;
}

export function wireFront(view) {
  const { svg } = view.plots.front;
  const under = (event) => {
    const box = svg.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    const row = nearestSpot(view.frontSpots?.rows ?? [], px, py, 13);
    return row === null ? { dot: nearestSpot(view.frontSpots?.dots ?? [], px, py, REACH) } : { row };
  };
  svg.addEventListener("pointermove", (event) => {
    const { row = null, dot = null } = under(event);
    const at = { x: event.clientX, y: event.clientY };
    svg.style.cursor = view.rows[row]?.kind === "result" ? "pointer" : "";
    if (row !== null) {
      showPoint(view, null);
      highlight(view, row);
      tip(view, [view.rows[row].name, view.rows[row].title, ...valuesWords(view, view.rows[row].values ?? [])], at);
    } else moveTo(view, dot, at);
  });
  svg.addEventListener("pointerleave", () => moveTo(view, null));
  svg.addEventListener("blur", () => moveTo(view, null));
  svg.addEventListener("click", (event) => {
    const { row = null, dot = null } = under(event);
    if (row !== null) choose(view, row);
    else if (dot !== null) choose(view, nearestResult(view, dot));
  });
  svg.addEventListener("keydown", (event) => pressedOnFront(view, event));
  for (const side of ["x", "y", "size"]) {
    view.parts[`front-${side}`].addEventListener("change", ({ target }) => {
      const { x, y } = view.frontChoice;
      view.frontChoice[side] = target.value === "" ? null : Number(target.value);
      // two axes of one outcome would be a line
      if (side === "x" && view.frontChoice.x === y) view.frontChoice.y = x;
      if (side === "y" && view.frontChoice.y === x) view.frontChoice.x = y;
      fillFrontChoices(view);
      showFront(view);
      view.afterTable();
    });
  }
}

function nearestSpot(spots, px, py, reach) {
  let best = null;
  spots.forEach(([x, y], i) => {
    const distance = Math.hypot(x - px, y - py);
    if (distance <= reach && (!best || distance < best.distance)) best = { i, distance };
  });
  return best ? best.i : null;
}

/** Go to a candidate of the front, or leave it: it is shown everywhere, and so is the result nearest to it. */
function moveTo(view, dot, at = null) {
  const { pool } = view.data;
  highlight(view, dot === null ? null : nearestResult(view, dot));
  showPoint(view, dot === null ? null : { cloud: pool, i: dot });
  if (dot === null || !at) tip(view, null);
  else tip(view, [candidateTitle(view, dot), ...valuesWords(view, pool.values[dot])], at);
}

const candidateTitle = (view, dot) =>
  !keepsBounds(view, view.data.pool.kept[dot]) ? "Found, but it breaks your limit" : view.data.pool.front[dot] ? "On the front" : "Near the front";

const valuesWords = (view, values) =>
  view.data.outcomes.map(({ name, unit, decimals }, j) => `${name}: ${withUnit(formatNumber(values[j] ?? NaN, decimals), unit)}`);

/** The result whose goals are nearest to those of a candidate, in widths of the front. */
function nearestResult(view, dot) {
  const { pool, front } = view.data;
  const goals = [...Array(front.goals).keys()];
  const widths = goals.map((j) => {
    const values = pool.values.map((each) => each[j]).filter(Number.isFinite);
    return Math.max(...values) - Math.min(...values) || 1;
  });
  let best = null;
  view.rows.forEach(({ kind, values }, i) => {
    if (kind !== "result" || !values) return;
    const distance = Math.hypot(...goals.map((j) => (values[j] - pool.values[dot][j]) / widths[j]));
    if (!best || distance < best.distance) best = { i, distance };
  });
  return best ? best.i : null;
}

/** Arrow keys go along the front, from left to right; Enter chooses the result that is nearest. */
function pressedOnFront(view, event) {
  const { pool } = view.data;
  const order = pool.values.map((_, i) => i).sort((a, b) => view.frontSpots.dots[a][0] - view.frontSpots.dots[b][0]);
  const now = view.point?.cloud === pool ? order.indexOf(view.point.i) : -1;
  const last = order.length - 1;
  const to = { ArrowRight: now + 1, ArrowUp: now + 1, ArrowLeft: now < 0 ? last : now - 1, ArrowDown: now < 0 ? last : now - 1,
    PageUp: now + 10, PageDown: now - 10, Home: 0, End: last }[event.key];
  if (to !== undefined) moveTo(view, order[clamp(to, 0, last)]);
  else if (event.key === "Escape") moveTo(view, null);
  else if (event.key === "Enter" && now >= 0) choose(view, nearestResult(view, view.point.i));
  else return;
  event.preventDefault();
}

/** What follows the place on the front: its ring, and its outcomes and recipe in words. */
export function followFront(view) {
  if (!view.data?.front || !view.frontSpots) return;
  const { svg } = view.plots.front;
  const { pool } = view.data;
  const dot = view.point?.cloud === pool ? view.point.i : null;
  const ring = svg.querySelector(".place");
  if (!ring) return;
  const [cx, cy] = dot === null ? [] : view.frontSpots.dots[dot];
  ring.replaceChildren(...(dot === null ? [] : [makeSvg("circle", { class: "here", cx, cy, r: 6.5 })]));
  const words = dot === null ? "" : wordsOfCandidate(view, dot);
  setText(view.parts["front-said"], words || "Move along the front, with the pointer or the arrow keys, to see what lies between the results.");
  svg.setAttribute("aria-valuetext", words || "nothing chosen");
  svg.setAttribute("aria-valuenow", dot === null ? 0 : dot + 1);
}

function wordsOfCandidate(view, dot) {
  const { pool } = view.data;
  const near = view.rows[nearestResult(view, dot)]?.name;
  const recipe = view.axes.map((axis, k) => ({ axis, place: levelOf(pool, k, dot) })).slice(1)
    .filter(({ axis }) => axis.free)
    .map(({ axis, place }) => `${axis.name} ${readPosition(axis, place)}`);
  const parts = [`${candidateTitle(view, dot)}: ${valuesWords(view, pool.values[dot]).map((text) => text.replace(": ", " ")).join(", ")}`];
  if (recipe.length) parts.push(`Settings: ${recipe.join(", ")}`);
  if (near) parts.push(`Nearest: ${near}`);
  return `${parts.join(". ")}.`;
}
