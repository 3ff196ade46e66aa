/** The board: the best score of every lineage, generation by generation, better upwards. */

import { drawCircle, drawGrid, drawPath, nameAxes, startLabels } from "../../browser/canvas.js";
import {
  clamp, formatNumber, lerp, niceTicks, scalesOf, tickDigits, upperBound, widened,
} from "../../browser/numbers.js";
import { lineageColour } from "../../browser/theme.js";
import { COLUMN, cell, lastNumber, numberAt, presence, quantiles, segmentAt, timeOf } from "./store.js";

const MAX_LINES = 250; // of ended lineages, and of living ones; with more of them the board is one gray

/** The range [worst, best] of the vertical axis: all the good, and most of the poor. */
export function boardRange(scene, store, column) {
  const isRising = column === COLUMN.outcome && scene.is_higher_better !== false;
  let [low, high] = quantiles(store, column, isRising ? 0.12 : 0, isRising ? 1 : 0.88);
  if (store.low[column] < Infinity) [low, high] = isRising ? [low, store.high[column]] : [store.low[column], high];
  const range = widened(low, high, 0.06);
  return isRising ? range : range.reverse();
}

/** The last generation that the horizontal axis makes room for, while the end is not known. */
export function boardSpan(store, { isFinal, budget }) {
  const first = Math.min(1, lastNumber(store));
  const last = lastNumber(store);
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
  return Number.isFinite(share) ? clamp(share, 0, 1) : 0;
}

/** The rectangle of the board with the places on it of a time and of a row. */
function planeOf(size, { store, boardView: view }) {
  const [left, top] = [44, 18];
  const rect = { left, top, width: Math.max(10, size.width - left - 14), height: Math.max(10, size.height - top - 34) };
  const { x, y } = scalesOf(rect, view.dx, view.dy);
  return { ...rect, x, y, xAt: (time) => x(numberAt(store, time)), yOf: (row) => y(cell(store, row, view.column)) };
}

/** The height of a lineage on its segment. */
const heightOf = (plane, { a, b, u }) => lerp(plane.yOf(a), plane.yOf(b), u);

export function drawBoard(context, layer, size, frame) {
  const { store, theme } = frame;
  const plane = planeOf(size, frame);
  drawBoardAxes(context, plane, size, frame);
  if (!store.numbers.length) return;
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
  const nMore = frame.counts ? frame.counts.nBorn - frame.nLines : 0;
  if (nMore < 1) return;
  startLabels(context, theme, "right", "alphabetic");
  context.fillText(`+${formatNumber(nMore, 0)} more lineages`, plane.left + plane.width, 9);
}

/** How many times as many lines there are as can be told apart: a power of two, so that a picture rarely starts anew. */
const strideOf = (n) => 2 ** Math.max(0, Math.ceil(Math.log2(n / MAX_LINES)));

function drawBoardAxes(context, plane, size, { store, theme, boardView: view }) {
  const ys = niceTicks(Math.min(...view.dy), Math.max(...view.dy), plane.height / 48);
  const xs = niceTicks(view.dx[0], view.dx[1], plane.width / 62).filter(Number.isInteger);
  const textOf = (digits) => store.numbers.length > 0 && ((tick) => formatNumber(tick, digits));
  const across = { ticks: xs, at: plane.x, hasLines: false, text: textOf(0) };
  drawGrid(context, theme, plane, across, { ticks: ys, at: plane.y, text: textOf(tickDigits(ys)) });
  nameAxes(context, theme, plane, size, "Generation →", view.hasDirection ? "better ↑" : "");
}

/** The line of a lineage up to time t: level while it stays, rising within the generation that improved it. */
function trace(context, { xAt, yOf }, track, t) {
  const segment = segmentAt(track, t);
  if (!segment) return;
  context.moveTo(xAt(Math.min(track.at[0], t)), yOf(track.rows[0]));
  for (let k = 1; k <= segment.k; k += 1) {
    const [before, after] = [yOf(track.rows[k - 1]), yOf(track.rows[k])];
    context.lineTo(xAt(track.at[k] - 1), before);
    context.lineTo(xAt(Math.min(track.at[k], t)), lerp(before, after, k === segment.k ? segment.u : 1));
  }
  const end = Math.min(t, track.end);
  if (end > track.at[segment.k]) context.lineTo(xAt(end), yOf(track.rows[segment.k]));
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
    drawCircle(context, plane.xAt(t), y, 2.2, { fill: context.strokeStyle });
  }
  context.globalAlpha = 1;
}

/** The best so far, as stairs. */
function drawEnvelope(context, { xAt, yOf }, { store, theme, t, dim }) {
  const n = upperBound(store.best, t, (entry) => entry.at);
  if (!n) return;
  const points = [];
  for (const { at, row } of store.best.slice(0, n)) {
    if (points.length) points.push([xAt(at), points[points.length - 1][1]]);
    points.push([xAt(at), yOf(row)]);
  }
  const end = [xAt(Math.max(t, store.best[0].at)), points[points.length - 1][1]];
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
  const x = plane.x(Math.max(numberAt(store, t), view.dx[0]));
  Object.assign(context, { strokeStyle: theme.primary, globalAlpha: 0.55, lineWidth: 1 });
  drawPath(context, [[x, plane.top - 4], [x, plane.top + plane.height]]);
  context.globalAlpha = 1;
}

/** The lineage whose line is nearest to the pointer, within reach. */
export function pickOnBoard(size, frame, px, py) {
  const plane = planeOf(size, frame);
  const { store, boardView: view } = frame;
  const number = view.dx[0] + ((px - plane.left) / plane.width) * (view.dx[1] - view.dx[0]);
  const at = Math.min(timeOf(store, number), frame.t);
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
