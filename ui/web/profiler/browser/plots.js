/** What arrives, as arrays, with the setting's own point in each profile; what is drawn in a plot. */

import { drawCircle, drawGrid, drawPath, startLabels } from "../../browser/canvas.js";
import { decode, decodeLevels } from "../../browser/decode.js";
import { fitted } from "../../browser/dom.js";
import { clamp, labelOf, lerp, niceTicks, scalesOf, tickDigits, upperBound } from "../../browser/numbers.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [42, 8, 8, 23];
const [GAP, TITLE] = [12, 18]; // between plots of one canvas
const DOUBT = 20; // percent: less plausible is doubtful
const FAINT = 0.04; // recorded rows fainter than this are not drawn

/** The scene with its texts as arrays, and where each feature's profile lies in an answer. */
export function decodeScene(scene) {
  let start = 1;
  const features = scene.features.map((feature) => {
    const grid = decode(feature.grid);
    const place = feature.is_swept ? -1 : start;
    start += feature.is_swept ? 0 : grid.length;
    return { ...feature, grid, place, isChoice: feature.categories.length > 0 };
  });
  const curve = scene.curve && { ...scene.curve, grid: decode(scene.curve.grid), reference: decode(scene.curve.reference) };
  return { ...scene, features, curve, recorded: decodeLevels(scene.recorded), nPoints: start, rows: rowsOf(scene) };
}

/** A row of plots for each outcome, the objective first; `column` is where recorded rows have it. */
function rowsOf({ features, outcome, range, limits = [], is_measured, others = [] }) {
  const all = [{ ...outcome, range, limits, is_measured }, ...others];
  return all.map((row, k) => ({ ...row, column: features.length + k }));
}

export function decodeAnswer(answer, scene) {
  const percent = decode(answer.percent, Uint8Array);
  return {
    ...answer,
    rows: [answer, ...(answer.others ?? [])].map(({ bands, has_band }) => ({ bands: decode(bands), has_band })),
    percent: Array.from(percent, (code) => (code === 255 ? NaN : code / 2)),
    curve: answer.curve ? decode(answer.curve) : new Float32Array(0),
    n: scene.nPoints,
  };
}

/** The points of a feature's profile: x, prediction, both ends, plausibility; the setting's own point among them. */
export function profileOf(feature, answer, shown, j) {
  const { n } = answer;
  const at = (i, x) => ({ x, y: shown[i], low: shown[n + i], high: shown[2 * n + i], percent: answer.percent[i] });
  const points = Array.from(feature.grid, (x, k) => at(feature.place + k, x));
  if (feature.isChoice) return points;
  const own = answer.setting[j];
  const where = upperBound(points, own, (point) => point.x);
  points.splice(where, 0, at(0, own));
  return points;
}

/** A point of a profile at any x, between its neighbours. */
function pointAt(points, x) {
  const i = clamp(upperBound(points, x, (point) => point.x), 1, points.length - 1);
  const [a, b] = [points[i - 1], points[i]];
  const u = b.x > a.x ? clamp((x - a.x) / (b.x - a.x), 0, 1) : 0;
  return { x, y: lerp(a.y, b.y, u), low: lerp(a.low, b.low, u), high: lerp(a.high, b.high, u) };
}

/** The squared distance of every recorded row from the setting, and what each feature adds to it. */
export function distances(scene, values) {
  const { recorded: { n: nRows, width, values: rows }, features, scales } = scene;
  const d = features.length;
  const own = new Float32Array(nRows * d);
  const whole = new Float32Array(nRows);
  for (let i = 0; i < nRows; i += 1) {
    for (let j = 0; j < d; j += 1) {
      const gap = rows[i * width + j] - values[j];
      const away = features[j].isChoice ? (Math.abs(gap) > 0.5 ? scales[j] : 0) : gap * scales[j];
      own[i * d + j] = away * away;
      whole[i] += away * away;
    }
  }
  return { own, whole, d };
}

/** How strongly a recorded row is drawn: the nearer in all other features, the stronger. */
const strength = (squared, d) => Math.exp(-squared / (0.5 * Math.max(1, d - 1)));

/** A value that a feature may have: within its range, on a step. */
export function allowed(feature, value) {
  const { low, high, step, isChoice } = feature;
  const near = isChoice ? Math.round(value) : step ? Number((Math.round(value / step) * step).toPrecision(12)) : value;
  return clamp(near, low, high);
}

/** How far one key press goes. */
export function strideOf(feature) {
  if (feature.isChoice) return 1;
  const hundredth = (feature.high - feature.low) / 100;
  if (feature.step) return Math.max(feature.step, Math.round(hundredth / feature.step) * feature.step);
  return 10 ** Math.floor(Math.log10(hundredth || 1));
}

/**
 * The places of `n` plots one below the other on a canvas. Those of a table have their axes at its left, others their own
 * and, where there are several, room for a title.
 */
export function placesOf(size, n, isTable) {
  const left = isTable ? 4 : LEFT;
  const title = n > 1 && !isTable ? TITLE : 0;
  const share = (size.height - TOP - BOTTOM + GAP) / n;
  const width = Math.max(1, size.width - left - RIGHT);
  const height = Math.max(1, share - GAP - title);
  return Array.from({ length: n }, (_, k) => {
    const top = TOP + k * share + title;
    return { left, right: left + width, top, bottom: top + height, width, height };
  });
}

export function frameOf(rect, low, high, range, isChoice = false) {
  const inner = isChoice ? 0.5 : 0;
  const [from, to] = [low - inner, high + inner];
  const valueAt = (x) => lerp(from, to, clamp(x - rect.left, 0, rect.width) / rect.width);
  return { ...rect, ...scalesOf(rect, [from, to], range), valueAt };
}

/** A tick in few letters: thousands as "10k" where the range reaches ten of them. */
function short(value, digits, largest) {
  const text = largest < 10000 || !value ? value.toFixed(digits) : `${(value / 1000).toFixed(value % 1000 ? 1 : 0)}k`;
  return text.replace("-", "−").replace(/^(\d)(\d{3})(?!\d|k)/, "$1,$2");
}

/** Axes and grid; the texts of ticks where these are not beside a whole row of plots. */
export function drawAxes(pen, theme, frame, range, hasTexts = true) {
  const ticks = niceTicks(...range, 3);
  const [digits, largest] = [tickDigits(ticks), Math.max(...ticks.map(Math.abs))];
  const text = hasTexts ? (tick) => short(tick, digits, largest) : null;
  drawGrid(pen, theme, frame, { ticks: [] }, { ticks, at: frame.y, text });
  pen.strokeStyle = theme.axis;
  drawPath(pen, [[frame.left, frame.bottom + 0.5], [frame.right, frame.bottom + 0.5]]);
}

/** The ends of a feature's range. */
export function drawEnds(pen, theme, frame, low, high) {
  startLabels(pen, theme, "left", "alphabetic");
  const y = frame.bottom + 19;
  pen.fillText(low, frame.left, y);
  pen.textAlign = "right";
  pen.fillText(high, frame.right, y);
}

/** What a plot shows, above it, where several stand one below the other. */
export function drawTitle(pen, theme, frame, row) {
  startLabels(pen, theme, "left", "alphabetic");
  Object.assign(pen, { font: `600 11px ${theme.font}`, fillStyle: theme.text });
  const text = fitted(labelOf(row), frame.width, (part) => pen.measureText(part).width);
  pen.fillText(text, frame.left, frame.top - 7);
}

/** Limits of an outcome as lines, with their wrong sides shaded. */
export function drawLimits(pen, theme, frame, range, limits) {
  for (const { bound, is_low: isLow } of limits) {
    const y = clamp(frame.y(bound), frame.top, frame.bottom);
    pen.fillStyle = theme.beyond;
    if (isLow) pen.fillRect(frame.left, y, frame.width, frame.bottom - y);
    else pen.fillRect(frame.left, frame.top, frame.width, y - frame.top);
    if (bound < range[0] || bound > range[1]) continue;
    Object.assign(pen, { strokeStyle: theme.limit, lineWidth: 1.5 });
    pen.setLineDash([5, 3]);
    drawPath(pen, [[frame.left, y], [frame.right, y]]);
    pen.setLineDash([]);
  }
}

/** The background where a setting would be doubtful, the stronger the less plausible. */
export function drawDoubt(pen, theme, frame, points) {
  points.slice(1).forEach((b, k) => {
    const a = points[k];
    const doubt = 1 - Math.min(a.percent + b.percent, 2 * DOUBT) / (2 * DOUBT);
    if (!(doubt > 0)) return;
    pen.fillStyle = theme.doubt(0.06 + 0.16 * doubt);
    pen.fillRect(frame.x(a.x), frame.top, frame.x(b.x) - frame.x(a.x), frame.height);
  });
}

export function drawBand(pen, theme, frame, points) {
  const known = points.filter((point) => Number.isFinite(point.low) && Number.isFinite(point.high));
  if (known.length > 1) {
    pen.fillStyle = theme.band;
    pen.beginPath();
    for (const point of known) pen.lineTo(frame.x(point.x), frame.y(point.high));
    for (const point of [...known].reverse()) pen.lineTo(frame.x(point.x), frame.y(point.low));
    pen.fill();
  }
  drawLine(pen, frame, points, theme.primary, 2);
}

export function drawLine(pen, frame, points, colour, width) {
  Object.assign(pen, { strokeStyle: colour, lineWidth: width, lineJoin: "round" });
  drawPath(pen, points.map((point) => [frame.x(point.x), frame.y(point.y)]));
}

/** Categories as columns: a bar from end to end, a dot at the prediction; their names where `hasNames`. */
export function drawChoices(pen, theme, frame, feature, points, chosen, hasNames = true) {
  const wide = frame.width / points.length;
  pen.font = `11px ${theme.font}`;
  pen.textAlign = "center";
  points.forEach((point, code) => {
    const x = frame.x(code);
    if (point.percent < DOUBT) {
      pen.fillStyle = theme.doubt(0.06 + 0.16 * (1 - point.percent / DOUBT));
      pen.fillRect(x - wide / 2 + 1, frame.top, wide - 2, frame.height);
    }
    pen.fillStyle = theme.band;
    const bar = Math.min(14, wide * 0.5);
    pen.fillRect(x - bar / 2, frame.y(point.high), bar, Math.max(1, frame.y(point.low) - frame.y(point.high)));
    const radius = code === chosen ? 5.5 : 3.5;
    if (Number.isFinite(point.y)) drawDot(pen, theme, x, frame.y(point.y), radius, theme.primary);
    const isRoom = hasNames && (wide > 22 || points.length <= 3 || code === chosen);
    pen.fillStyle = code === chosen ? theme.text : theme.label;
    if (isRoom) pen.fillText(fitted(feature.categories[code], code === chosen ? Math.max(wide, 60) : wide - 4, (part) => pen.measureText(part).width), x, frame.bottom + 19);
  });
}

/** Recorded rows: at their outcome where that was measured, else as ticks at the foot. */
export function drawRecorded(pen, theme, frame, scene, near, j, { column, is_measured: isMeasured }) {
  const { n: nRows, width, values: rows } = scene.recorded;
  pen.fillStyle = theme.label;
  for (let i = 0; i < nRows; i += 1) {
    const alpha = strength(near.whole[i] - near.own[i * near.d + j], near.d);
    if (alpha < FAINT) continue;
    pen.globalAlpha = Math.min(0.85, alpha);
    const jitter = scene.features[j].isChoice ? (((i * 7919) % 101) / 101 - 0.5) * 0.5 : 0;
    const x = frame.x(rows[i * width + j] + jitter);
    if (isMeasured) {
      const y = frame.y(rows[i * width + column]);
      if (!(y >= frame.top - 2 && y <= frame.bottom)) continue;
      drawCircle(pen, x, y, 2.2, { fill: theme.label });
    } else pen.fillRect(x - 0.75, frame.bottom - 7, 1.5, 6);
  }
  pen.globalAlpha = 1;
}

/** Where the start and the reference stand: marks at the foot. */
export function drawMark(pen, frame, x, colour, background) {
  const at = frame.x(x);
  pen.beginPath();
  pen.moveTo(at, frame.bottom - 1);
  pen.lineTo(at - 5, frame.bottom + 7);
  pen.lineTo(at + 5, frame.bottom + 7);
  pen.closePath();
  pen.fillStyle = colour;
  pen.strokeStyle = background;
  pen.lineWidth = 1.5;
  pen.fill();
  pen.stroke();
}

export function drawSetting(pen, theme, frame, points, value, isLocked) {
  const x = Math.round(frame.x(value));
  pen.strokeStyle = isLocked ? theme.axis : theme.text;
  pen.lineWidth = 1.5;
  drawPath(pen, [[x, frame.top], [x, frame.bottom]]);
  const { y } = pointAt(points, value);
  const colour = isLocked ? theme.label : theme.primary;
  if (Number.isFinite(y)) drawDot(pen, theme, x, clamp(frame.y(y), frame.top, frame.bottom), 5.5, colour);
}

const drawDot = (pen, theme, x, y, radius, fill) =>
  drawCircle(pen, x, y, radius, { fill, stroke: theme.background, width: 1.5 });
