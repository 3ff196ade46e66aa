/** The board: the best score of every lineage, generation by generation, better upwards. */

import { drawCircle, drawGrid, drawPath, nameAxes, startLabels } from "../../../browser/canvas.js";
import { fitted } from "../../../browser/dom.js";
import {
  clamp, formatNumber, lerp, niceTicks, scalesOf, tickDigits, upperBound, widened,
} from "../../../browser/numbers.js";
import { lineageColour } from "../../../browser/theme.js";
import { climbAt, stretched } from "./climb.js";
import { COLUMN, cell, isBroken, lastNumber, numberAt, presence, quantiles, segmentAt, timeOf } from "../store.js";

const MAX_LINES = 250; // of ended lineages, and of living ones; with more of them the board is one gray

/** The range [worst, best] of the vertical axis: all the good, and most of the poor. */
export function boardRange(scene, store, column) {
  const isRising = column === COLUMN.outcome && scene.is_higher_better !== false;
  let [low, high] = quantiles(store, column, isRising ? 0.12 : 0, isRising ? 1 : 0.88);
  if (store.keptLow[column] < Infinity) [low, high] = isRising ? [low, store.keptHigh[column]] : [store.keptLow[column], high];
  const range = widened(low, high, 0.06);
  return isRising ? range : range.reverse();
}

/** The horizontal axis where the search ends with a climb, which gets more room than a generation; else null. */
const roomOf = (store) => store.climb && stretched(numberAt(store, store.climb.at - 1), Math.min(1, lastNumber(store)));

/** The horizontal axis from the first generation to the last one that it makes room for, while the end is not known. */
export function boardSpan(store, { isFinal, budget }) {
  const first = Math.min(1, lastNumber(store));
  const last = lastNumber(store);
  if (store.climb) return [first, roomOf(store).end];
  if (isFinal && store.numbers.length) return [first, Math.max(last, first + 1)];
  const evaluations = store.evaluations[store.evaluations.length - 1] ?? 0;
  const expected = evaluations > 0 && budget > 0 ? ((last - first) * budget) / evaluations : 0;
  const wanted = Math.max(clamp(expected, 20, Math.max(40, 2.5 * (last - first))), 1.08 * (last - first));
  const round = [20, 30, 40, 60, 80, 100, 120, 150, 200, 250, 300].find((n) => n >= wanted - 1);
  return [first, first + (round ?? Math.ceil(wanted / 100) * 100)];
}

/** How good a row is on the board: 0 at its foot or below, 1 at its head. */
export function qualityOf(store, view, row) {
  const [worst, best] = view.dy;
  const share = (cell(store, row, view.column) - worst) / (best - worst);
  return Number.isFinite(share) && !isBroken(store, row) ? clamp(share, 0, 1) : 0;
}

/** The rectangle of the board with the places on it of a time and of a row. */
function planeOf(size, { store, boardView: view }) {
  const [left, top] = [44, 18];
  const rect = { left, top, width: Math.max(10, size.width - left - 14), height: Math.max(10, size.height - top - 34) };
  const { x, y } = scalesOf(rect, view.dx, view.dy);
  const room = roomOf(store);
  const placeOf = (time) => (room ? room.there(numberAt(store, time), climbAt(store, time)) : numberAt(store, time));
  // What breaks a limit has no place: on the axis it would hide all others.
  const yOf = (row) => (isBroken(store, row) ? NaN : y(cell(store, row, view.column)));
  return { ...rect, x, y, room, xAt: (time) => x(placeOf(time)), yOf };
}

/** The height of a lineage on its segment. */
const heightOf = (plane, { a, b, u }) => lerp(plane.yOf(a), plane.yOf(b), u);

export function drawBoard(context, layer, size, frame) {
  const { store, theme } = frame;
  const plane = planeOf(size, frame);
  drawBoardAxes(context, plane, size, frame);
  if (!store.numbers.length) {
    startLabels(context, theme, "center", "middle");
    context.fillText("Here lineages will rise,", plane.left + plane.width / 2, plane.top + plane.height * 0.42);
    context.fillText("generation by generation", plane.left + plane.width / 2, plane.top + plane.height * 0.42 + 15);
    return;
  }
  context.save();
  context.beginPath();
  context.rect(plane.left - 6, plane.top - 6, plane.width + 16, plane.height + 6);
  context.clip();
  drawEnded(context, layer, plane, size, frame);
  drawLiving(context, plane, frame);
  drawEnvelope(context, plane, frame);
  drawFocusLine(context, plane, frame);
  context.restore();
  drawPlayhead(context, plane, frame);
  if (!store.best.length && store.nBroken) {
    startLabels(context, theme, "center", "middle");
    context.fillText("No candidate keeps the limits", plane.left + plane.width / 2, plane.top + plane.height * 0.42);
  }
  const nMore = frame.counts ? frame.counts.nBorn + (climbAt(store, frame.t) > 0 ? store.climb.nLineages : 0) - frame.nLines : 0;
  if (nMore < 1) return;
  startLabels(context, theme, "right", "alphabetic");
  context.fillText(`+${formatNumber(nMore, 0)} more lineages`, plane.left + plane.width, plane.top + plane.height - 6);
}

/** How many times as many lines there are as can be told apart: a power of two, so that a picture rarely starts anew. */
const strideOf = (n) => 2 ** Math.max(0, Math.ceil(Math.log2(n / MAX_LINES)));

function drawBoardAxes(context, plane, size, { store, theme, boardView: view }) {
  const shown = view.dy.map((value) => value * view.factor);
  const ys = niceTicks(Math.min(...shown), Math.max(...shown), plane.height / 48);
  const end = plane.room ? numberAt(store, store.climb.at - 1) : view.dx[1];
  const rightmost = plane.room ? plane.left + plane.width - 72 : Infinity; // there the band has its name
  const xs = niceTicks(view.dx[0], end, plane.width / 62).filter((n) => Number.isInteger(n) && plane.x(n) < rightmost);
  const hasPlaces = store.numbers.length > 0 && (store.best.length > 0 || !store.nBroken);
  const textOf = (digits) => store.numbers.length > 0 && ((tick) => formatNumber(tick, digits));
  const across = { ticks: xs, at: plane.x, hasLines: false, text: textOf(0) };
  if (plane.room) drawBand(context, theme, plane, store);
  const upwards = { ticks: hasPlaces ? ys : [], at: (tick) => plane.y(tick / view.factor), text: textOf(tickDigits(ys)) };
  drawGrid(context, theme, plane, across, upwards);
  startLabels(context, theme, "left", "alphabetic");
  const label = `${view.hasDirection ? "↑ better: " : "↑ "}${view.label}`;
  const name = fitted(label, size.width - plane.left - 4, (text) => context.measureText(text).width);
  nameAxes(context, theme, { ...plane, left: plane.left - 40, width: plane.width + 40 }, size, "Generation →", name);
}

/** The part of the axis on which the climb at the end goes on, with its name. */
function drawBand(context, theme, { left, top, width, height, xAt }, { climb }) {
  const x = xAt(climb.at - 1);
  Object.assign(context, { globalAlpha: 0.09, fillStyle: theme.primary });
  context.fillRect(x, top, left + width - x, height);
  context.globalAlpha = 1;
  startLabels(context, theme, "right", "top");
  context.fillText("final climb", left + width, top + height + 6);
}

/**
 * The line of a lineage up to time t: level while it stays, rising within the generation that improved it. It begins
 * where the lineage keeps the limits.
 */
function trace(context, { xAt, yOf }, track, t) {
  const segment = segmentAt(track, t);
  if (!segment) return;
  let isOn = false;
  const go = (x, y) => {
    if (Number.isFinite(y)) context[isOn ? "lineTo" : "moveTo"](x, y);
    isOn = Number.isFinite(y);
  };
  go(xAt(Math.min(track.at[0], t)), yOf(track.rows[0]));
  for (let k = 1; k <= segment.k; k += 1) {
    const [before, after] = [yOf(track.rows[k - 1]), yOf(track.rows[k])];
    go(xAt(track.at[k] - 1), before);
    go(xAt(Math.min(track.at[k], t)), Number.isFinite(before) ? lerp(before, after, k === segment.k ? segment.u : 1) : after);
  }
  const end = Math.min(t, track.end);
  if (end > track.at[segment.k]) go(xAt(end), yOf(track.rows[segment.k]));
}

function drawEnded(context, layer, plane, size, frame) {
  const { store, theme, t, boardView: view } = frame;
  const n = upperBound(store.ended, t, (track) => track.end);
  const stride = strideOf(n);
  const key = [size.width, size.height, frame.ratio, view.column, ...view.dx, ...view.dy, theme.text, stride].join();
  const pen = layer.begin(key, n, size, frame.ratio);
  Object.assign(pen, { strokeStyle: theme.extinct(theme.isDark ? 0.27 : 0.2), lineWidth: 1, lineJoin: "round" });
  pen.beginPath();
  for (let i = layer.count; i < n; i += 1) {
    const track = store.ended[i];
    if (i % stride) continue;
    trace(pen, plane, track, Infinity);
    if (!track.isMerged) continue;
    const [x, y] = [plane.xAt(track.end), plane.yOf(track.rows[track.rows.length - 1])];
    if (!Number.isFinite(y)) continue;
    pen.moveTo(x + 1.8, y); // the sign of a merged lineage at the end of its line
    pen.arc(x, y, 1.8, 0, 2 * Math.PI);
  }
  pen.stroke();
  layer.count = n;
  frame.nLines += Math.ceil(n / stride);
  context.globalAlpha = 1 - 0.5 * frame.dim;
  layer.paint(context);
  context.globalAlpha = 1;
}

function drawLiving(context, plane, frame) {
  const { store, theme, t } = frame;
  const living = [];
  for (const track of store.tracks) {
    if (track.born - 1 >= t) break;
    const there = presence(track, t);
    if (there > 0) living.push([track, there]);
  }
  const stride = strideOf(living.length);
  const crowd = clamp(0.95 - living.length / 400, 0.3, 0.85) * (1 - 0.75 * frame.dim);
  Object.assign(context, { lineWidth: 1.3, lineJoin: "round" });
  frame.nLines += Math.ceil(living.length / stride);
  for (const [track, there] of living.filter((_, i) => i % stride === 0)) {
    context.globalAlpha = crowd * there;
    context.strokeStyle = lineageColour(theme, track.id);
    context.beginPath();
    trace(context, plane, track, t);
    context.stroke();
    const y = heightOf(plane, segmentAt(track, t));
    if (Number.isFinite(y)) drawCircle(context, plane.xAt(t), y, 2.2, { fill: context.strokeStyle });
  }
  context.globalAlpha = 1;
}

/** The best so far, as stairs. */
function drawEnvelope(context, { xAt, yOf }, { store, theme, t, dim }) {
  const n = upperBound(store.best, t, (entry) => entry.at);
  if (!n) return;
  const points = [];
  for (const { at, row } of store.best.slice(0, n)) {
    const from = at === store.climb?.at ? at - 1 : at; // the climb rises, all else jumps
    if (points.length) points.push([xAt(from), points[points.length - 1][1]]);
    points.push([xAt(at), yOf(row)]);
  }
  const end = [xAt(Math.max(t, store.best[0].at)), points[points.length - 1][1]];
  const next = store.best[n];
  if (next && next.at === store.climb?.at && climbAt(store, t) > 0) {
    points.push([xAt(next.at - 1), end[1]]);
    end[1] = Math.min(end[1], heightOf({ yOf }, segmentAt(store.byId.get(next.id), t)));
  }
  Object.assign(context, { strokeStyle: theme.text, lineWidth: 1.8, lineJoin: "round", globalAlpha: 1 - 0.6 * dim });
  drawPath(context, [...points, end]);
  drawCircle(context, ...end, 4.5, { fill: theme.background, stroke: theme.text, width: 1.8 });
  context.globalAlpha = 1;
}

function drawFocusLine(context, plane, frame) {
  const track = frame.focus === null ? null : frame.store.byId.get(frame.focus);
  if (!track || frame.dim <= 0) return;
  Object.assign(context, { globalAlpha: frame.dim, strokeStyle: lineageColour(frame.theme, track.id), lineWidth: 2.6 });
  context.beginPath();
  trace(context, plane, track, frame.t);
  context.stroke();
  context.globalAlpha = 1;
}

function drawPlayhead(context, plane, { store, theme, t, boardView: view }) {
  const x = Math.max(plane.xAt(t), plane.x(view.dx[0]));
  Object.assign(context, { strokeStyle: theme.primary, globalAlpha: 0.55, lineWidth: 1 });
  drawPath(context, [[x, plane.top - 4], [x, plane.top + plane.height]]);
  context.globalAlpha = 1;
}

/** The lineage whose line is nearest to the pointer, within reach. */
export function pickOnBoard(size, frame, px, py) {
  const plane = planeOf(size, frame);
  const { store, boardView: view } = frame;
  const number = view.dx[0] + ((px - plane.left) / plane.width) * (view.dx[1] - view.dx[0]);
  const { value = number, u } = plane.room?.back(number) ?? {};
  const at = Math.min(u === undefined ? timeOf(store, value) : store.climb.at - 1 + u, frame.t);
  if (Math.abs(plane.xAt(at) - px) > 12) return null;
  let found = null;
  for (const track of store.tracks) {
    if (track.born - 1 >= at) break;
    if (track.end < at) continue;
    // A living line wins over a gray one that is a little nearer.
    const handicap = track.end <= frame.t ? 3 : 0;
    const distance = Math.abs(heightOf(plane, segmentAt(track, at)) - py) + handicap;
    if (distance < 10 && (!found || distance < found.distance)) found = { kind: "lineage", id: track.id, distance };
  }
  return found;
}
