/** The board: the best score of every lineage, generation by generation, better upwards. */

import { drawCircle, drawPath, startLabels } from "../../browser/canvas.js";
import { clamp, formatNumber, lerp, niceTicks, tickDigits, upperBound, widened } from "../../browser/numbers.js";
import { lineageColour } from "../../browser/theme.js";
import { COLUMN, cell, lastNumber, numberAt, presence, quantiles, segmentAt, timeOf } from "./store.js";

const MAX_LINES = 250; // of ended lineages, and of living ones; with more of them the board is one gray

function boardRect(size) {
  const left = 44;
  return { left, top: 18, width: Math.max(10, size.width - left - 14), height: Math.max(10, size.height - 18 - 34) };
}

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

const xOf = (rect, view, number) => rect.left + ((number - view.dx[0]) / (view.dx[1] - view.dx[0])) * rect.width;
const yOf = (rect, view, value) =>
  rect.top + rect.height - ((value - view.dy[0]) / (view.dy[1] - view.dy[0])) * rect.height;

export function drawBoard(context, layer, size, frame) {
  const { store, theme, boardView: view } = frame;
  const rect = boardRect(size);
  drawGrid(context, rect, size, view, theme, store.numbers.length > 0);
  if (!store.numbers.length) return;
  context.save();
  context.beginPath();
  context.rect(rect.left - 6, rect.top - 6, rect.width + 16, rect.height + 6);
  context.clip();
  drawEnded(context, layer, rect, size, frame);
  drawLiving(context, rect, frame);
  drawEnvelope(context, rect, frame);
  drawFocusLine(context, rect, frame);
  context.restore();
  drawPlayhead(context, rect, frame);
  drawRest(context, rect, frame);
}

/** How many times as many lines there are as can be told apart: a power of two, so that a picture rarely starts anew. */
const strideOf = (n) => 2 ** Math.max(0, Math.ceil(Math.log2(n / MAX_LINES)));

/** Say how many lineages have no line. */
function drawRest(context, rect, { store, theme, counts, nLines }) {
  if (!counts || counts.nBorn - nLines < 1) return;
  startLabels(context, theme, "right", "alphabetic");
  context.fillText(`+${formatNumber(counts.nBorn - nLines, 0)} more lineages`, rect.left + rect.width, 9);
}

function drawGrid(context, rect, size, view, theme, hasNumbers) {
  const bottom = rect.top + rect.height;
  const ys = niceTicks(Math.min(...view.dy), Math.max(...view.dy), rect.height / 48);
  const xs = niceTicks(view.dx[0], view.dx[1], rect.width / 62).filter(Number.isInteger);
  Object.assign(context, { lineWidth: 1, strokeStyle: theme.grid });
  for (const tick of ys) {
    const y = Math.round(yOf(rect, view, tick)) + 0.5;
    drawPath(context, [[rect.left, y], [rect.left + rect.width, y]]);
  }
  startLabels(context, theme, "right", "middle");
  for (const tick of hasNumbers ? ys : []) {
    context.fillText(formatNumber(tick, tickDigits(ys)), rect.left - 7, yOf(rect, view, tick));
  }
  startLabels(context, theme, "center", "top");
  for (const tick of hasNumbers ? xs : []) context.fillText(formatNumber(tick, 0), xOf(rect, view, tick), bottom + 6);
  startLabels(context, theme, "right", "alphabetic");
  context.fillText("Generation →", rect.left + rect.width, size.height - 2);
  context.textAlign = "left";
  context.fillText(view.hasDirection ? "better ↑" : "", rect.left, 9);
}

/** The line of a lineage up to time t: level while it stays, rising within the generation that improved it. */
function trace(context, rect, view, store, track, t) {
  const segment = segmentAt(track, t);
  if (!segment) return;
  const xAt = (time) => xOf(rect, view, numberAt(store, time));
  for (let k = 0; k <= segment.k; k += 1) {
    const value = cell(store, track.rows[k], view.column);
    if (k === 0) {
      context.moveTo(xAt(Math.min(track.at[0], t)), yOf(rect, view, value));
      continue;
    }
    const before = cell(store, track.rows[k - 1], view.column);
    context.lineTo(xAt(track.at[k] - 1), yOf(rect, view, before));
    const u = k === segment.k ? segment.u : 1;
    context.lineTo(xAt(Math.min(track.at[k], t)), yOf(rect, view, lerp(before, value, u)));
  }
  const last = cell(store, track.rows[segment.k], view.column);
  const end = Math.min(t, track.end);
  if (end > track.at[segment.k]) context.lineTo(xAt(end), yOf(rect, view, last));
}

function drawEnded(context, layer, rect, size, frame) {
  const { store, theme, t, boardView: view } = frame;
  const n = upperBound(store.ended, t, (track) => track.end);
  const stride = strideOf(n);
  const key = [size.width, size.height, frame.ratio, view.column, ...view.dx, ...view.dy, theme.text, stride].join();
  const pen = layer.begin(key, n, size, frame.ratio);
  pen.strokeStyle = theme.extinct(theme.isDark ? 0.27 : 0.2);
  pen.lineWidth = 1;
  pen.lineJoin = "round";
  pen.beginPath();
  for (let i = layer.count; i < n; i += 1) {
    const track = store.ended[i];
    if (i % stride) continue;
    trace(pen, rect, view, store, track, Infinity);
    if (track.isMerged) drawJoint(pen, rect, view, store, track);
  }
  pen.stroke();
  layer.count = n;
  frame.nLines += Math.ceil(n / stride);
  context.globalAlpha = 1 - 0.5 * frame.dim;
  layer.paint(context);
  context.globalAlpha = 1;
}

/** The sign of a merged lineage at the end of its line. */
function drawJoint(pen, rect, view, store, track) {
  const x = xOf(rect, view, numberAt(store, track.end));
  const y = yOf(rect, view, cell(store, track.rows[track.rows.length - 1], view.column));
  pen.moveTo(x + 1.8, y);
  pen.arc(x, y, 1.8, 0, 2 * Math.PI);
}

function drawLiving(context, rect, frame) {
  const { store, theme, t, boardView: view } = frame;
  const living = [];
  for (const track of store.tracks) {
    if (track.born - 1 >= t) break;
    const there = presence(track, t);
    if (there > 0) living.push([track, there]);
  }
  const stride = strideOf(living.length);
  const crowd = clamp(0.95 - living.length / 400, 0.3, 0.85) * (1 - 0.75 * frame.dim);
  context.lineWidth = 1.3;
  context.lineJoin = "round";
  frame.nLines += Math.ceil(living.length / stride);
  for (const [track, there] of living.filter((_, i) => i % stride === 0)) {
    context.globalAlpha = crowd * there;
    context.strokeStyle = lineageColour(theme, track.id);
    context.beginPath();
    trace(context, rect, view, store, track, t);
    context.stroke();
    const segment = segmentAt(track, t);
    const [a, b] = [segment.a, segment.b].map((row) => cell(store, row, view.column));
    const x = xOf(rect, view, numberAt(store, t));
    drawCircle(context, x, yOf(rect, view, lerp(a, b, segment.u)), 2.2, { fill: context.strokeStyle });
  }
  context.globalAlpha = 1;
}

/** The best so far, as stairs. */
function drawEnvelope(context, rect, frame) {
  const { store, theme, t, boardView: view } = frame;
  const n = upperBound(store.best, t, (entry) => entry.at);
  if (!n) return;
  context.strokeStyle = theme.text;
  context.lineWidth = 1.8;
  context.lineJoin = "round";
  context.globalAlpha = 1 - 0.6 * frame.dim;
  const points = [];
  for (const { at, row } of store.best.slice(0, n)) {
    const x = xOf(rect, view, numberAt(store, at));
    if (points.length) points.push([x, points[points.length - 1][1]]);
    points.push([x, yOf(rect, view, cell(store, row, view.column))]);
  }
  const end = [xOf(rect, view, numberAt(store, Math.max(t, store.best[0].at))), points[points.length - 1][1]];
  drawPath(context, [...points, end]);
  drawCircle(context, ...end, 4.5, { fill: theme.background, stroke: theme.text, width: 1.8 });
  context.globalAlpha = 1;
}

function drawFocusLine(context, rect, frame) {
  const track = frame.focus === null ? null : frame.store.byId.get(frame.focus);
  if (!track || frame.dim <= 0) return;
  context.globalAlpha = frame.dim;
  context.strokeStyle = lineageColour(frame.theme, track.id);
  context.lineWidth = 2.6;
  context.beginPath();
  trace(context, rect, frame.boardView, frame.store, track, frame.t);
  context.stroke();
  context.globalAlpha = 1;
}

function drawPlayhead(context, rect, frame) {
  const x = xOf(rect, frame.boardView, Math.max(numberAt(frame.store, frame.t), frame.boardView.dx[0]));
  context.strokeStyle = frame.theme.primary;
  context.globalAlpha = 0.55;
  context.lineWidth = 1;
  drawPath(context, [[x, rect.top - 4], [x, rect.top + rect.height]]);
  context.globalAlpha = 1;
}

/** The lineage whose line is nearest to the pointer, within reach. */
export function pickOnBoard(size, frame, px, py) {
  const rect = boardRect(size);
  const { store, boardView: view } = frame;
  const number = view.dx[0] + ((px - rect.left) / rect.width) * (view.dx[1] - view.dx[0]);
  const at = Math.min(timeOf(store, number), frame.t);
  if (Math.abs(xOf(rect, view, numberAt(store, at)) - px) > 12) return null;
  let found = null;
  for (const track of store.tracks) {
    if (track.born - 1 >= at) break;
    if (track.end < at) continue;
    const segment = segmentAt(track, at);
    const [a, b] = [segment.a, segment.b].map((row) => cell(store, row, view.column));
    // A living line wins over a gray one that is a little nearer.
    const handicap = track.end <= frame.t ? 3 : 0;
    const distance = Math.abs(yOf(rect, view, lerp(a, b, segment.u)) - py) + handicap;
    if (distance < 10 && (!found || distance < found.distance)) found = { kind: "lineage", id: track.id, distance };
  }
  return found;
}
