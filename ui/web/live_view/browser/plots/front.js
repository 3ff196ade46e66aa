/** The front: two of several goals as axes, lineages on their way, and those that nothing beats in every goal. */

import { drawCircle, drawGrid, drawPath, nameAxes, startLabels } from "../../../browser/canvas.js";
import { fitted } from "../../../browser/dom.js";
import {
  clamp, formatNumber, labelOf, lerp, niceTicks, scalesOf, tickDigits, upperBound, widened,
} from "../../../browser/numbers.js";
import { lineageColour } from "../../../browser/theme.js";
import { drawBadges } from "./map.js";
import { COLUMN, cell, isBroken, presence, rowAt, segmentAt } from "../store.js";

const SIZES = [2.2, 6.4]; // radius of the smallest and the largest third goal
const USUAL = 3.6; // radius where there is no third goal
const BEHIND = 0.3; // widths of the front: lineages so far behind it are at their faintest

/** The pairs of goals that the axes can show, each with the goal that sizes show: {x, y, size}, the last one null of two. */
export function pairsOf({ goals }) {
  const pairs = [];
  for (let x = 0; x < goals.length; x += 1) {
    for (let y = x + 1; y < goals.length; y += 1) {
      const size = goals.findIndex((_, j) => j !== x && j !== y);
      pairs.push({ x, y, size: size < 0 ? null : size });
    }
  }
  return pairs;
}

/** A goal of a row of the trace, and of a recorded row or a result. */
export const goalOf = (store, row, j) => cell(store, row, store.goals + j);
export const goalOfRecorded = ({ values, width }, goals, i, j) => values[i * width + width - goals.length + j];

/** What a row misses each goal by, penalties included; smaller is better. */
function missesOf(scene, store, row) {
  const penalty = goalOf(store, row, scene.goals.length);
  return scene.goals.map(({ is_higher_better: direction, value, scale }, j) => {
    const reached = goalOf(store, row, j);
    const miss = direction === null ? Math.abs(reached - value) : direction ? -reached : reached;
    return miss / scale + penalty;
  });
}

const beats = (one, other) => one.every((miss, j) => miss <= other[j]) && one.some((miss, j) => miss < other[j]);

/** The lineages on the front at time t: a set of their numbers; found once for each generation. */
export function leadersAt(store, scene, t) {
  const k = Math.floor(t + 1e-6);
  const key = `${store.version}:${k}`;
  if (store.leaders.key === key) return store.leaders.ids;
  const standing = [];
  for (const track of store.tracks) {
    if (track.born > k) break;
    const row = track.end > k ? rowAt(track, k) : null;
    // one that was behind the front when it was told of last has not come nearer since
    if (row !== null && cell(store, row, COLUMN.score) <= 0) standing.push({ id: track.id, misses: missesOf(scene, store, row) });
  }
  const ids = standing.filter(({ misses }) => !standing.some((other) => beats(other.misses, misses))).map(({ id }) => id);
  store.leaders = { key, ids: new Set(ids) };
  return store.leaders.ids;
}

/** The best of each goal among lineages: {value, id}, or null. */
export function bestOfGoals(scene, store, t, ids) {
  return scene.goals.map(({ is_higher_better: direction, value: wanted }, j) => {
    let best = null;
    for (const id of ids) {
      const value = goalOf(store, rowAt(store.byId.get(id), t), j);
      const miss = direction === null ? Math.abs(value - wanted) : direction ? -value : value;
      if (!best || miss < best.miss) best = { value, id, miss };
    }
    return best;
  });
}

/** What the best of a goal is called. */
export function nameOfBest({ name, is_higher_better: direction, value }, digits) {
  if (direction === null) return `${name} nearest ${formatNumber(value, digits)}`;
  return `${direction ? "Highest" : "Lowest"} ${name}`;
}

/** The range of a goal: over recorded rows and all candidates that keep the limits. */
export function rangeOfGoal(scene, store, j) {
  let [low, high] = [store.keptLow[store.goals + j], store.keptHigh[store.goals + j]];
  for (let i = 0; i < scene.recorded.n; i += 1) {
    const value = goalOfRecorded(scene.recorded, scene.goals, i, j);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? widened(low, high, 0.06) : [0, 1];
}

/** Where two goals lie on a canvas of a size. */
function outcomeSpace(size, { boardView: view }) {
  const [left, top] = [46, 18];
  const rect = { left, top, width: Math.max(10, size.width - left - 12), height: Math.max(10, size.height - top - 34) };
  const { x, y } = scalesOf(rect, view.dx, view.dy);
  return { ...rect, pair: view.pair, place: (goal) => [x(goal(view.pair.x)), y(goal(view.pair.y))], x, y };
}

const placeOfRow = (space, store, row) => space.place((j) => goalOf(store, row, j));
const placeOnWay = (space, store, { a, b, u }) => space.place((j) => lerp(goalOf(store, a, j), goalOf(store, b, j), u));
const placeAmong = (space, rows, goals, i) => space.place((j) => goalOfRecorded(rows, goals, i, j));

/** Draw the front; return where each living lineage is, for the pointer to find. */
export function drawFront(context, layer, size, frame) {
  const { scene, store, theme, t } = frame;
  const space = outcomeSpace(size, frame);
  drawGoalAxes(context, space, size, frame);
  drawBetterCorner(context, space, frame);
  context.save();
  context.beginPath();
  context.rect(space.left - 1, space.top - 8, space.width + 12, space.height + 9);
  context.clip();
  drawRecordedGoals(context, space, frame);
  drawFormer(context, layer, space, size, frame);
  const spots = [];
  for (const track of store.tracks) {
    if (track.born - 1 >= t) break;
    const there = presence(track, t);
    if (there <= 0) continue;
    const segment = segmentAt(track, t);
    const [x, y] = placeOnWay(space, store, segment);
    if (Number.isFinite(x + y)) spots.push({ track, segment, there, x, y, isLeader: frame.leaders.has(track.id) });
  }
  spots.sort((one, other) => one.isLeader - other.isLeader);
  if (scene.goals.length === 2) drawEdge(context, space, frame, spots);
  const radiusOf = sizesOf(scene, store, space.pair.size);
  for (const spot of spots) drawSpot(context, frame, spot, radiusOf(spot.segment.b));
  context.globalAlpha = 1;
  drawWay(context, space, frame);
  if (frame.representatives) drawBadges(context, space, frame, (i) => placeAmong(space, frame.representatives, scene.goals, i));
  context.restore();
  if (store.numbers.length) return spots;
  startLabels(context, theme, "center", "middle");
  context.fillText("Here the front will grow,", space.left + space.width / 2, space.top + 14);
  context.fillText("generation by generation", space.left + space.width / 2, space.top + 29);
  return spots;
}

function drawGoalAxes(context, space, size, { scene, theme, boardView: view }) {
  const axisOf = (at, range, length) => {
    const ticks = niceTicks(range[0], range[1], length / 62);
    return { ticks, at, hasLines: true, text: (tick) => formatNumber(tick, tickDigits(ticks)) };
  };
  drawGrid(context, theme, space, axisOf(space.x, view.dx, space.width), axisOf(space.y, view.dy, space.height * 1.3));
  const label = ({ is_higher_better: direction, value, ...goal }, up, down) => {
    const start = direction === null ? `wanted ${formatNumber(value, 2)}: ` : `${direction ? up : down} better: `;
    const text = `${start}${labelOf(goal)}`;
    return fitted(text, size.width - 16, (part) => context.measureText(part).width);
  };
  startLabels(context, theme, "left", "alphabetic");
  const [across, upwards] = [label(scene.goals[view.pair.x], "→", "←"), label(scene.goals[view.pair.y], "↑", "↓")];
  nameAxes(context, theme, { ...space, left: 4, width: space.left + space.width - 4 }, size, across, upwards);
}

/** An arrow into the corner in which both goals are best. */
function drawBetterCorner(context, { left, top, width, height, pair }, { scene, theme }) {
  const [across, upwards] = [scene.goals[pair.x], scene.goals[pair.y]].map((goal) => goal.is_higher_better);
  if (across === null || upwards === null) return;
  const [x, dx] = across ? [left + width - 6, -1] : [left + 6, 1];
  const [y, dy] = upwards ? [top + 6, 1] : [top + height - 6, -1];
  Object.assign(context, { strokeStyle: theme.label, lineWidth: 1.3, globalAlpha: 0.8 });
  drawPath(context, [[x + 15 * dx, y + 15 * dy], [x, y]]);
  drawPath(context, [[x + 6 * dx, y], [x, y], [x, y + 6 * dy]]);
  context.globalAlpha = 1;
  startLabels(context, theme, dx < 0 ? "right" : "left", "middle");
  context.fillText("better", x + 19 * dx, y + 17 * dy);
}

function drawRecordedGoals(context, space, { scene, theme }) {
  context.fillStyle = theme.recorded;
  context.beginPath();
  for (let i = 0; i < scene.recorded.n; i += 1) {
    const [x, y] = placeAmong(space, scene.recorded, scene.goals, i);
    if (!Number.isFinite(x + y)) continue;
    context.moveTo(x + 2.2, y);
    context.arc(x, y, 2.2, 0, 2 * Math.PI);
  }
  context.fill();
}

/** Where lineages ended by now: small signs on a layer of their own, on which only new ones are drawn. */
function drawFormer(context, layer, space, size, { store, theme, t, ratio, dim, boardView: view }) {
  const n = upperBound(store.ended, t, (track) => track.end);
  const key = [size.width, size.height, ratio, theme.text, space.pair.x, space.pair.y, ...view.dx, ...view.dy].join();
  const pen = layer.begin(key, n, size, ratio);
  Object.assign(pen, { strokeStyle: theme.extinct(store.ended.length > 800 ? 0.2 : 0.3), lineWidth: 0.9 });
  pen.beginPath();
  for (let i = layer.count; i < n; i += 1) {
    const { rows } = store.ended[i];
    const row = rows[rows.length - 1];
    const [x, y] = placeOfRow(space, store, row);
    if (!Number.isFinite(x + y) || isBroken(store, row)) continue;
    pen.moveTo(x - 1.6, y - 1.6);
    pen.lineTo(x + 1.6, y + 1.6);
    pen.moveTo(x - 1.6, y + 1.6);
    pen.lineTo(x + 1.6, y - 1.6);
  }
  pen.stroke();
  layer.count = n;
  context.globalAlpha = 1 - 0.5 * dim;
  layer.paint(context);
  context.globalAlpha = 1;
}

/** What two goals come to at best: stairs through the lineages on the front. */
function drawEdge(context, space, { scene, theme, dim }, spots) {
  const [across, upwards] = [scene.goals[space.pair.x], scene.goals[space.pair.y]].map((goal) => goal.is_higher_better);
  const leaders = spots.filter((spot) => spot.isLeader).sort((one, other) => one.x - other.x);
  if (across === null || upwards === null || leaders.length < 2) return;
  const points = [];
  leaders.forEach(({ x, y }, i) => {
    // what is as good as either neighbour in the one goal has the worse of them in the other
    if (i) points.push(across ? [leaders[i - 1].x, y] : [x, leaders[i - 1].y]);
    points.push([x, y]);
  });
  Object.assign(context, { strokeStyle: theme.text, lineWidth: 1.4, lineJoin: "round", globalAlpha: 0.45 * (1 - 0.6 * dim) });
  drawPath(context, points);
  context.globalAlpha = 1;
}

/** What gives the radius of a row's dot: by a third goal, where there is one. */
function sizesOf(scene, store, j) {
  if (j === null) return () => USUAL;
  const [low, high] = [store.keptLow[store.goals + j], store.keptHigh[store.goals + j]];
  return (row) => lerp(...SIZES, clamp((goalOf(store, row, j) - low) / (high - low || 1), 0, 1));
}

function drawSpot(context, frame, { track, segment, there, x, y, isLeader }, radius) {
  const { store, theme } = frame;
  const dimmed = frame.focus === null || frame.focus === track.id ? 1 : 1 - 0.75 * frame.dim;
  if (isBroken(store, segment.b)) {
    context.globalAlpha = 0.7 * there * dimmed;
    drawCircle(context, x, y, radius, { stroke: theme.label, width: 1.1 });
    return;
  }
  const behind = clamp(cell(store, segment.b, COLUMN.score) / BEHIND, 0, 1);
  context.globalAlpha = (isLeader ? 0.95 : lerp(0.5, 0.2, behind)) * there * dimmed;
  const colour = lineageColour(theme, track.id);
  drawCircle(context, x, y, radius * (isLeader ? 1 : 0.8), { fill: colour, stroke: isLeader ? theme.background : null });
}

/** The whole way of the lineage under the pointer, and a ring around it. */
function drawWay(context, space, frame) {
  const { store, theme, t, focus, dim } = frame;
  const track = focus === null ? null : store.byId.get(focus);
  const segment = track && dim > 0 ? segmentAt(track, t) : null;
  if (!segment) return;
  const now = placeOnWay(space, store, segment);
  Object.assign(context, { globalAlpha: dim, strokeStyle: lineageColour(theme, track.id), lineWidth: 2, lineJoin: "round" });
  drawPath(context, [...track.rows.slice(0, segment.k).map((row) => placeOfRow(space, store, row)), now]);
  drawCircle(context, ...now, 8, { stroke: context.strokeStyle, width: 2 });
  context.globalAlpha = 1;
}

/** What is under the pointer: {kind, id}, the nearest within reach, results before lineages before recorded rows. */
export function pickOnFront(size, frame, spots, px, py) {
  const { scene, representatives } = frame;
  const space = outcomeSpace(size, frame);
  let found = null;
  const offer = (kind, id, [x, y], reach) => {
    const distance = Math.hypot(x - px, y - py);
    if (distance <= reach && (!found || distance < found.distance)) found = { kind, id, distance };
  };
  const shown = representatives && frame.atEnd > 0.5 ? representatives.n : 0;
  for (let i = 0; i < shown; i += 1) offer("representative", i, placeAmong(space, representatives, scene.goals, i), 8);
  if (found) return found;
  for (const { track, x, y } of spots) offer("lineage", track.id, [x, y], 13);
  if (found) return found;
  for (let i = 0; i < scene.recorded.n; i += 1) offer("recorded", i, placeAmong(space, scene.recorded, scene.goals, i), 6);
  return found;
}

/** Where a found thing is now, in pixels; null when it is not there. */
export function spotOnFront(size, frame, { kind, id }) {
  const space = outcomeSpace(size, frame);
  const { scene, store } = frame;
  if (kind === "lineage") {
    const segment = segmentAt(store.byId.get(id), frame.t);
    return segment && placeOnWay(space, store, segment);
  }
  const rows = kind === "recorded" ? scene.recorded : frame.representatives;
  return rows && placeAmong(space, rows, scene.goals, id);
}
