/** The map: lineages with their trails and ellipses, crosses where they ended, rings for the best and for results. */

import { drawCircle, drawPath } from "../../../browser/canvas.js";
import { clamp, freePlace, lerp, smooth, upperBound } from "../../../browser/numbers.js";
import { lineageColour } from "../../../browser/theme.js";
import {
  drawAxes, drawCurve, isCurve, mapRect, placeRecorded, placeRow, placeTrack, toPlace,
} from "./axes.js";
import { drawClimb } from "./climb.js";
import { drawField, drawRecorded } from "./field.js";
import { COLUMN, IMPROVED, ON_COMPONENTS, cell, dropsAt, isBroken, presence, rowAt, segmentAt } from "../store.js";

const TRAIL = 7; // generations
const FLOW = 2.5; // generations in which a merged lineage goes over to the one that holds its hill
const SIGMAS = 1.5; // two of three candidates fall inside such an ellipse
const N_POINTS = 40;
const MAX_SHAPES = 120; // more of them hide each other

/** An ellipse as centre, half axes and the angle of the first: {x, y, a, b, angle}. */
function ellipseOf(store, row, pair) {
  const start = row * store.width + store.shape;
  const [x, y, xx, xy, yy] = pair
    ? [...pair.map((j) => cell(store, row, COLUMN.features + j)), ...store.rows.subarray(start)]
    : store.rows.subarray(start + ON_COMPONENTS);
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

/** The ellipse of a lineage at time t, on a pair of features or else on the components; null where it has none. */
function shapeAt(store, track, t, pair = null) {
  const n = track.shapeAt.length;
  if (!n) return null;
  const k = upperBound(track.shapeAt, t);
  const before = ellipseOf(store, track.shapes[Math.max(0, k - 1)], pair);
  if (k === 0 || k === n) return before;
  const u = (t - track.shapeAt[k - 1]) / (track.shapeAt[k] - track.shapeAt[k - 1]);
  return between(before, ellipseOf(store, track.shapes[k], pair), clamp(u, 0, 1));
}

/** The pair of features that ellipses are known on, where these are the axes of the map; else null. */
function shownPair({ store, scene, mapView: { x, y } }) {
  const isShown = store.hasPairShapes && scene.axes?.length && x.key !== y.key
    && [x, y].every(({ value, isComponent }) => !isComponent && scene.axes.includes(value - 1));
  return isShown ? scene.axes : null;
}

/** Whether the axes of the map are those that ellipses are known on. */
export function hasShapes(frame) {
  const { store, scene, mapView: { x, y } } = frame;
  if (shownPair(frame)) return true;
  return store.hasShapes && ((x.isComponent && y.isComponent && x.key !== y.key) || isCurve(scene, x, y));
}

/** Draw the ellipses of the living, thin and in their colours; on the outcome curve, the part that they span. */
function drawShapes(context, rect, frame, spots, dimmed) {
  if (!hasShapes(frame)) return;
  const { store, scene, t, mapView: view } = frame;
  const isOnCurve = isCurve(scene, view.x, view.y);
  const pair = shownPair(frame);
  const stride = Math.ceil(spots.length / MAX_SHAPES);
  const strength = clamp(1 - spots.length / stride / 200, 0.45, 0.9);
  context.lineJoin = "round";
  for (const { track, segment, there, colour, x, y } of spots) {
    if (track.id % stride && frame.focus !== track.id) continue;
    const shape = shapeAt(store, track, t, pair);
    if (!shape) continue;
    context.globalAlpha = (isOnCurve ? 0.4 : strength) * there * there * dimmed(frame, track.id) * view.blend;
    context.strokeStyle = colour;
    context.lineWidth = isOnCurve ? 5 : 1.1;
    context.beginPath();
    if (isOnCurve) traceSpan(context, rect, frame, shape, segment.b);
    else traceEllipse(context, rect, view, shape, pair);
    context.stroke();
    if (!isOnCurve && !pair) drawTether(context, rect, view, shape, [x, y]);
  }
  context.globalAlpha = 1;
}

/** Pixels of a point given by its two components, or by its values on a pair, whichever of them goes across. */
function placeComponents(rect, view, point, pair = null) {
  const isTurned = pair ? view.x.value - 1 !== pair[0] : view.x.key > view.y.key;
  const turned = isTurned ? [point[1], point[0]] : point;
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

function traceEllipse(context, rect, view, { x, y, a, b, angle }, pair) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (let i = 0; i < N_POINTS; i += 1) {
    const turn = (2 * Math.PI * i) / N_POINTS;
    const [u, v] = [SIGMAS * a * Math.cos(turn), SIGMAS * b * Math.sin(turn)];
    context.lineTo(...placeComponents(rect, view, [x + u * cos - v * sin, y + u * sin + v * cos], pair));
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

export function drawMap(context, layer, size, frame) {
  const { theme, mapView: view } = frame;
  const rect = mapRect(size, view);
  drawAxes(context, rect, size, view, theme);
  context.save();
  context.beginPath();
  context.rect(rect.left - 1, rect.top - 8, rect.width + 12, rect.height + 9);
  context.clip();
  drawField(context, size, frame, view.field);
  drawRecorded(context, rect, frame);
  drawCurve(context, rect, frame);
  drawEnds(context, layer, rect, size, frame);
  drawClimb(context, rect, frame);
  const spots = drawLineages(context, rect, frame);
  drawBest(context, rect, frame);
  if (frame.representatives) {
    drawBadges(context, rect, frame, (i) => placeRecorded(frame, rect, i, frame.representatives));
  }
  drawFocus(context, rect, frame);
  context.restore();
  return spots;
}

/** Signs where lineages ended by now, kept on a layer of their own: only new ones are drawn. */
function drawEnds(context, layer, rect, size, frame) {
  const { store, theme, t, mapView: view } = frame;
  const n = upperBound(store.ended, t, (track) => track.end);
  const shown = [view.x.key, view.y.key, ...view.dx, ...view.dy, view.blend, ...view.margins];
  const key = [size.width, size.height, frame.ratio, theme.text, dropsAt(store, t), ...shown].join();
  const pen = layer.begin(key, n, size, frame.ratio);
  // On the curve, crosses have to stand out from the line; in a cloud, from each other.
  const isOnCurve = isCurve(frame.scene, view.x, view.y);
  const half = isOnCurve ? 3.2 : store.ended.length > 800 ? 1.9 : 2.4;
  const [faint, strong] = isOnCurve ? [0.55, 0.85] : [store.ended.length > 2000 ? 0.13 : 0.2, 0.6];
  pen.lineWidth = isOnCurve ? 1.3 : 1;
  for (let i = layer.count; i < n; i += 1) {
    const track = store.ended[i];
    const row = track.rows[track.rows.length - 1];
    const [x, y] = placeRow(frame, rect, row, track.id);
    const strength = lerp(faint, strong, frame.quality(row) ** 3);
    pen.strokeStyle = theme.extinct(track.dropped <= t ? Math.max(strength, 0.5) : strength);
    if (track.dropped <= t) {
      drawCircle(pen, x, y, half + 0.6, { stroke: pen.strokeStyle, width: pen.lineWidth });
      drawPath(pen, [[x - half, y], [x + half, y]]);
    } else if (track.isMerged) {
      drawCircle(pen, x, y, half, { stroke: pen.strokeStyle, width: pen.lineWidth });
      drawLink(pen, rect, frame, track, [x, y], half, store.ended.length > 400 ? strength / 2 : strength);
    } else {
      drawPath(pen, [[x - half, y - half], [x + half, y + half]]);
      drawPath(pen, [[x - half, y + half], [x + half, y - half]]);
    }
  }
  layer.count = n;
  layer.paint(context);
}

/** A line from where a lineage merged to the one that held its hill then. */
function drawLink(pen, rect, frame, track, [x, y], half, strength) {
  const holder = frame.store.byId.get(track.into);
  if (!holder || holder.born > track.end) return;
  const [hx, hy] = placeRow(frame, rect, rowAt(holder, track.end), holder.id);
  const distance = Math.hypot(hx - x, hy - y);
  if (!(distance > half + 2)) return;
  pen.strokeStyle = frame.theme.extinct(0.75 * strength);
  drawPath(pen, [[lerp(x, hx, half / distance), lerp(y, hy, half / distance)], [hx, hy]]);
}

/** Where a lineage is now: a merged one is on its way to the lineage that holds its hill. */
function placeNow(frame, rect, track, segment) {
  const place = placeTrack(frame, rect, segment, track.id);
  const holder = track.isMerged && frame.isFlowing ? frame.store.byId.get(track.into) : null;
  const u = smooth(clamp((frame.t - (track.end - 1)) / FLOW, 0, 1));
  const there = holder && u > 0 ? segmentAt(holder, frame.t) : null;
  if (!there) return place;
  const goal = placeTrack(frame, rect, there, holder.id);
  return [lerp(place[0], goal[0], u), lerp(place[1], goal[1], u)];
}

/** Draw the living; return where each one is, for the pointer to find. */
function drawLineages(context, rect, frame) {
  const { store, theme, t } = frame;
  const spots = [];
  for (const track of store.tracks) {
    if (track.born - 1 >= t) break;
    const there = presence(track, t, track.isMerged && frame.isFlowing ? FLOW : 1);
    if (there <= 0) continue;
    const segment = segmentAt(track, t);
    const [x, y] = placeNow(frame, rect, track, segment);
    if (Number.isFinite(x + y)) spots.push({ track, segment, there, x, y, colour: lineageColour(theme, track.id) });
  }
  const crowd = clamp(1.1 - spots.length / 600, 0.5, 0.95);
  const nSteps = spots.length > 150 ? 8 : 16;
  drawShapes(context, rect, frame, spots, dimmed);
  context.lineCap = "round";
  for (const spot of spots) drawTrail(context, rect, frame, spot, nSteps, crowd);
  for (const spot of spots) drawDot(context, frame, spot, crowd);
  context.globalAlpha = 1;
  return spots;
}

const dimmed = (frame, id) => (frame.focus === null || frame.focus === id ? 1 : 1 - 0.75 * frame.dim);

function drawTrail(context, rect, frame, spot, nSteps, crowd) {
  const { track } = spot;
  if (frame.t - track.at[spot.segment.k] > TRAIL || track.rows.length < 2 || track.isClimb) return;
  context.strokeStyle = spot.colour;
  context.lineWidth = 1.6;
  let [x, y] = [spot.x, spot.y];
  for (let i = 1; i <= nSteps; i += 1) {
    const segment = segmentAt(track, frame.t - (i * TRAIL) / nSteps);
    if (!segment) break;
    const [px, py] = placeTrack(frame, rect, segment, track.id);
    if (Math.abs(px - x) + Math.abs(py - y) > 0.3) {
      context.globalAlpha = 0.6 * crowd * spot.there * (1 - (i - 0.5) / nSteps) * dimmed(frame, track.id);
      drawPath(context, [[x, y], [px, py]]);
    }
    [x, y] = [px, py];
  }
}

function drawDot(context, frame, spot, crowd) {
  const { track, segment, x, y, there } = spot;
  const size = Math.min(segment.k, 5);
  const radius = (2.3 + 0.36 * size) * (0.4 + 0.6 * there);
  const isBehind = frame.leaders !== null && !frame.leaders.has(track.id);
  const alpha = crowd * there * (segment.k ? 1 : 0.75) * (isBehind ? 0.5 : 1) * dimmed(frame, track.id);
  if (isBroken(frame.store, segment.b)) {
    context.globalAlpha = 0.7 * alpha;
    drawCircle(context, x, y, radius, { stroke: frame.theme.label, width: 1.1 });
    return;
  }
  const age = frame.t - segment.since;
  const isNews = segment.k > 0 && cell(frame.store, segment.b, COLUMN.state) === IMPROVED;
  if (frame.isMoving && isNews && age > -0.4 && age < 3) {
    const u = (age + 0.4) / 3.4;
    context.globalAlpha = 0.42 * (1 - u) ** 2 * alpha;
    drawCircle(context, x, y, radius + 1.5 + 7 * u, { stroke: spot.colour, width: 1.4 });
  }
  context.globalAlpha = alpha;
  drawCircle(context, x, y, radius, { fill: spot.colour, stroke: frame.theme.background });
  if (frame.favoured.has(track.id)) drawCircle(context, x, y, radius + 3, { stroke: spot.colour, width: 1.6 });
}

function drawBest(context, rect, frame) {
  if (!frame.best) return;
  const track = frame.store.byId.get(frame.best.id);
  const segment = segmentAt(track, frame.t);
  const [x, y] = placeTrack(frame, rect, segment, track.id);
  drawCircle(context, x, y, 7.5, { stroke: frame.theme.text, width: 1.8 });
  drawCircle(context, x, y, 4.2, { fill: lineageColour(frame.theme, track.id) });
}

/** Numbered rings of results, apart from each other where they are close: each badge sits beside its point. */
export function drawBadges(context, rect, frame, placeOf) {
  const { representatives, theme } = frame;
  if (frame.atEnd <= 0) return;
  context.globalAlpha = frame.atEnd;
  context.font = `600 10px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const badges = [];
  for (let i = 0; i < representatives.n; i += 1) {
    const [x, y] = placeOf(i);
    if (!Number.isFinite(x)) continue; // it was left out
    const [bx, by] = freePlace(badges, x, y, rect, [15, 23, 31]);
    badges.push([bx, by]);
    // The colour of a result is the same in every picture of the app.
    const { colours } = representatives;
    const stroke = colours.length ? colours[i % colours.length] : theme.text;
    drawCircle(context, x, y, 5.5, { stroke, width: 2 });
    drawPath(context, [[x + (bx - x) * 0.4, y + (by - y) * 0.4], [bx, by]]);
    drawCircle(context, bx, by, 7.5, { fill: theme.background, stroke, width: 2 });
    context.fillStyle = theme.text;
    context.fillText(String(i + 1), bx, by + 0.5);
  }
  context.globalAlpha = 1;
}

/** The whole way of the lineage under the pointer. */
function drawFocus(context, rect, frame) {
  const track = frame.focus === null ? null : frame.store.byId.get(frame.focus);
  if (!track || frame.dim <= 0) return;
  const segment = segmentAt(track, frame.t);
  if (!segment) return;
  context.globalAlpha = frame.dim;
  context.strokeStyle = lineageColour(frame.theme, track.id);
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.beginPath();
  const nSteps = isCurve(frame.scene, frame.mapView.x, frame.mapView.y) ? 8 : 1;
  for (let k = 0; k <= segment.k; k += 1) {
    const isLast = k === segment.k;
    for (let i = 1; i <= nSteps; i += 1) {
      const u = (i / nSteps) * (isLast ? segment.u : 1);
      const piece = { a: track.rows[Math.max(0, k - 1)], b: track.rows[k], u };
      context.lineTo(...placeTrack(frame, rect, k ? piece : { ...piece, u: 1 }, track.id));
    }
  }
  context.stroke();
  const [x, y] = placeTrack(frame, rect, segment, track.id);
  drawCircle(context, x, y, 8, { stroke: lineageColour(frame.theme, track.id), width: 2 });
  context.globalAlpha = 1;
}

/** What is under the pointer: {kind, id or index}, the nearest within reach, the living before the rest. */
export function pickOnMap(size, frame, spots, px, py) {
  const { scene, store } = frame;
  const rect = mapRect(size, frame.mapView);
  let found = null;
  const offer = (kind, id, x, y, reach) => {
    const distance = Math.hypot(x - px, y - py);
    if (distance <= reach && (!found || distance < found.distance)) found = { kind, id, distance };
  };
  if (frame.representatives && frame.atEnd > 0.5) {
    for (let i = 0; i < frame.representatives.n; i += 1) {
      const [x, y] = placeRecorded(frame, rect, i, frame.representatives);
      offer("representative", i, x, y, 8);
    }
  }
  if (found) return found;
  for (const { track, x, y } of spots) offer("lineage", track.id, x, y, 13);
  if (frame.best) {
    offer("lineage", frame.best.id, ...placeRow(frame, rect, frame.best.row, frame.best.id), 10);
  }
  if (found) return found;
  const n = upperBound(store.ended, frame.t, (track) => track.end);
  for (let i = 0; i < n; i += 1) {
    const track = store.ended[i];
    offer("lineage", track.id, ...placeRow(frame, rect, track.rows[track.rows.length - 1], track.id), 7);
  }
  if (found) return found;
  for (let i = 0; i < scene.recorded.n; i += 1) {
    offer("recorded", i, ...placeRecorded(frame, rect, i), 6);
  }
  return found;
}

/** Where a found thing is now, in pixels; null when it is not on the map. */
export function spotOf(size, frame, found) {
  const rect = mapRect(size, frame.mapView);
  if (found.kind === "lineage") {
    const track = frame.store.byId.get(found.id);
    const segment = track && segmentAt(track, frame.t);
    return segment ? placeTrack(frame, rect, segment, found.id) : null;
  }
  const rows = found.kind === "recorded" ? frame.scene.recorded : frame.representatives;
  return rows && placeRecorded(frame, rect, found.id, rows);
}
