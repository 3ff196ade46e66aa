/** The ellipses that lineages draw from: what they are at a time, and how they are drawn. */

import { drawPath } from "../../browser/canvas.js";
import { clamp, lerp, upperBound } from "../../browser/numbers.js";
import { isCurve, toPlace } from "./axes.js";
import { COLUMN, cell } from "./store.js";

const SIGMAS = 1.5; // two of three candidates fall inside such an ellipse
const N_POINTS = 40;
const MAX_SHAPES = 120; // more of them hide each other

/** An ellipse as centre, half axes and the angle of the first: {x, y, a, b, angle}. */
function ellipseOf(store, row) {
  const [x, y, xx, xy, yy] = store.rows.subarray(row * store.width + store.shape);
  const middle = (xx + yy) / 2;
  const half = Math.hypot((xx - yy) / 2, xy);
  const length = (variance) => Math.sqrt(Math.max(variance, 0));
  return { x, y, a: length(middle + half), b: length(middle - half), angle: Math.atan2(2 * xy, xx - yy) / 2 };
}

/** Between two ellipses, u of the way: the axes grow and shrink, the angle turns the short way round. */
function between(p, q, u) {
  const turn = ((((q.angle - p.angle) / Math.PI + 0.5) % 1) + 1) % 1 - 0.5;
  const size = (a, b) => (a > 0 && b > 0 ? a * (b / a) ** u : lerp(a, b, u));
  return {
    x: lerp(p.x, q.x, u),
    y: lerp(p.y, q.y, u),
    a: size(p.a, q.a),
    b: size(p.b, q.b),
    angle: p.angle + u * turn * Math.PI,
  };
}

/** The ellipse of a lineage at time t, or null where it has none. */
function shapeAt(store, track, t) {
  const n = track.shapeAt.length;
  if (!n) return null;
  const k = upperBound(track.shapeAt, t);
  const before = ellipseOf(store, track.shapes[Math.max(0, k - 1)]);
  if (k === 0 || k === n) return before;
  const u = (t - track.shapeAt[k - 1]) / (track.shapeAt[k] - track.shapeAt[k - 1]);
  return between(before, ellipseOf(store, track.shapes[k]), clamp(u, 0, 1));
}

/** Whether the axes of the map are those that ellipses are known on. */
export function hasShapes({ store, scene, mapView: { x, y } }) {
  return store.hasShapes && ((x.isComponent && y.isComponent && x.key !== y.key) || isCurve(scene, x, y));
}

/** Draw the ellipses of the living, thin and in their colours; on the outcome curve, the part that they span. */
export function drawShapes(context, rect, frame, spots, dimmed) {
  if (!hasShapes(frame)) return;
  const { store, scene, t, mapView: view } = frame;
  const isOnCurve = isCurve(scene, view.x, view.y);
  const stride = Math.ceil(spots.length / MAX_SHAPES);
  const strength = clamp(1 - spots.length / stride / 200, 0.45, 0.9);
  context.lineJoin = "round";
  for (const { track, segment, there, colour, x, y } of spots) {
    if (track.id % stride && frame.focus !== track.id) continue;
    const shape = shapeAt(store, track, t);
    if (!shape) continue;
    context.globalAlpha = (isOnCurve ? 0.4 : strength) * there * there * dimmed(frame, track.id) * view.blend;
    context.strokeStyle = colour;
    context.lineWidth = isOnCurve ? 5 : 1.1;
    context.beginPath();
    if (isOnCurve) traceSpan(context, rect, frame, shape, segment.b);
    else traceEllipse(context, rect, view, shape);
    context.stroke();
    if (!isOnCurve) drawTether(context, rect, view, shape, [x, y]);
  }
  context.globalAlpha = 1;
}

/** Pixels of a point given by its two components, whichever of them goes across. */
function placeComponents(rect, view, point) {
  const turned = view.x.key > view.y.key ? [point[1], point[0]] : point;
  return toPlace({ ...view, former: null }, rect, () => turned);
}

/** A hair from the best of a lineage to the middle of its ellipse, where they are apart. */
function drawTether(context, rect, view, { x, y }, best) {
  const middle = placeComponents(rect, view, [x, y]);
  if (!(Math.hypot(middle[0] - best[0], middle[1] - best[1]) > 12)) return;
  context.globalAlpha *= 0.5;
  context.lineWidth = 0.8;
  drawPath(context, [best, middle]);
}

function traceEllipse(context, rect, view, { x, y, a, b, angle }) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (let i = 0; i < N_POINTS; i += 1) {
    const turn = (2 * Math.PI * i) / N_POINTS;
    const [u, v] = [SIGMAS * a * Math.cos(turn), SIGMAS * b * Math.sin(turn)];
    context.lineTo(...placeComponents(rect, view, [x + u * cos - v * sin, y + u * sin + v * cos]));
  }
  context.closePath();
}

/** The part of the outcome curve that a lineage's next candidates fall on; only one feature moves there. */
function traceSpan(context, rect, frame, { x, a }, row) {
  const { scene, store, mapView: view } = frame;
  const { line } = scene;
  const component = cell(store, row, COLUMN.features + scene.features.length);
  const centre = cell(store, row, COLUMN.features + line.feature) + (x - component) * line.unit;
  const reach = SIGMAS * a * line.unit;
  const flat = { ...view, former: null };
  const [first, last] = [centre - reach, centre + reach].map((value) => upperBound(line.x, value));
  for (let k = Math.max(0, first - 1); k < Math.min(line.x.length, last + 1); k += 1) {
    context.lineTo(...toPlace(flat, rect, () => [line.x[k], line.y[k]]));
  }
}
