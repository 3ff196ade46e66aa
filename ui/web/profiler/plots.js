/** The drawing of a plot: band, line, recorded rows, where the model only guesses. */

import { clamp } from "../look.js";
import { pointAt, strength } from "./data.js";

const LEFT = 42;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 23;
const DOUBT = 20; // percent: less plausible is doubtful
const FAINT = 0.04; // recorded rows fainter than this are not drawn

export function frameOf(size, low, high, range, isChoice = false) {
  const inner = isChoice ? 0.5 : 0;
  const [from, to] = [low - inner, high + inner];
  const width = Math.max(1, size.width - LEFT - RIGHT);
  const height = Math.max(1, size.height - TOP - BOTTOM);
  const span = to > from ? to - from : 1;
  return {
    left: LEFT, right: LEFT + width, top: TOP, bottom: TOP + height, width, height,
    x: (value) => LEFT + (width * (value - from)) / span,
    y: (value) => TOP + height * (1 - (value - range[0]) / (range[1] - range[0])),
    valueAt: (x) => from + (clamp(x - LEFT, 0, width) / width) * span,
  };
}

/** Round steps for about n lines over a range. */
export function ticksOf([low, high], n) {
  const rough = (high - low) / n;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((k) => k * power).find((s) => s >= rough) ?? 10 * power;
  const ticks = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-9; value += step) ticks.push(value);
  return { ticks, digits: Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9) + (step / power === 2.5 ? 1 : 0))) };
}

/** A tick in few letters: thousands as "10k" where the range reaches ten of them. */
function short(value, digits, largest) {
  const text = largest < 10000 || !value ? value.toFixed(digits) : `${(value / 1000).toFixed(value % 1000 ? 1 : 0)}k`;
  return text.replace("-", "−").replace(/^(\d)(\d{3})(?!\d|k)/, "$1,$2");
}

/** Axes, grid and the ends of the range. */
export function drawAxes(pen, theme, frame, range, low, high) {
  pen.font = `11px ${theme.font}`;
  pen.lineWidth = 1;
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  const { ticks, digits } = ticksOf(range, 3);
  const largest = Math.max(...ticks.map(Math.abs));
  for (const tick of ticks) {
    const y = Math.round(frame.y(tick)) + 0.5;
    if (y < frame.top || y > frame.bottom) continue;
    pen.strokeStyle = theme.grid;
    line(pen, frame.left, y, frame.right, y);
    pen.fillStyle = theme.label;
    pen.fillText(short(tick, digits, largest), frame.left - 6, y);
  }
  pen.strokeStyle = theme.axis;
  line(pen, frame.left, frame.bottom + 0.5, frame.right, frame.bottom + 0.5);
  pen.fillStyle = theme.label;
  pen.textBaseline = "alphabetic";
  const y = frame.bottom + 19;
  pen.textAlign = "left";
  pen.fillText(low, frame.left, y);
  pen.textAlign = "right";
  pen.fillText(high, frame.right, y);
}

/** The ground where a setting would be doubtful, the stronger the less plausible. */
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
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.lineJoin = "round";
  pen.beginPath();
  let isOn = false;
  for (const point of points) {
    if (!Number.isFinite(point.y)) isOn = false;
    else if (isOn) pen.lineTo(frame.x(point.x), frame.y(point.y));
    else {
      pen.moveTo(frame.x(point.x), frame.y(point.y));
      isOn = true;
    }
  }
  pen.stroke();
}

/** Categories as columns: a bar from end to end, a dot at the prediction. */
export function drawChoices(pen, theme, frame, feature, points, chosen) {
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
    dot(pen, x, frame.y(point.y), code === chosen ? 5.5 : 3.5, theme.primary, theme.ground);
    const isRoom = wide > 22 || points.length <= 3 || code === chosen;
    pen.fillStyle = code === chosen ? theme.text : theme.label;
    if (isRoom) pen.fillText(fitted(pen, feature.categories[code], code === chosen ? Math.max(wide, 60) : wide - 4), x, frame.bottom + 19);
  });
}

/** Recorded rows: at their outcome where that is what is predicted, else as ticks at the foot. */
export function drawRecorded(pen, theme, frame, scene, near, j, column = null) {
  const { n: nRows, width, values: rows } = scene.recorded;
  const isMeasured = scene.is_measured || column !== null;
  pen.fillStyle = theme.label;
  for (let i = 0; i < nRows; i += 1) {
    const alpha = strength(near.whole[i] - near.own[i * near.d + j], near.d);
    if (alpha < FAINT) continue;
    pen.globalAlpha = Math.min(0.85, alpha);
    const jitter = scene.features[j].isChoice ? (((i * 7919) % 101) / 101 - 0.5) * 0.5 : 0;
    const x = frame.x(rows[i * width + j] + jitter);
    if (isMeasured) {
      const y = frame.y(rows[i * width + width - 1]);
      if (y < frame.top - 2 || y > frame.bottom) continue;
      pen.beginPath();
      pen.arc(x, y, 2.2, 0, 7);
      pen.fill();
    } else pen.fillRect(x - 0.75, frame.bottom - 7, 1.5, 6);
  }
  pen.globalAlpha = 1;
}

/** Where the start and the reference stand: marks at the foot. */
export function drawMark(pen, frame, x, colour, ground) {
  const at = frame.x(x);
  pen.beginPath();
  pen.moveTo(at, frame.bottom - 1);
  pen.lineTo(at - 5, frame.bottom + 7);
  pen.lineTo(at + 5, frame.bottom + 7);
  pen.closePath();
  pen.fillStyle = colour;
  pen.strokeStyle = ground;
  pen.lineWidth = 1.5;
  pen.fill();
  pen.stroke();
}

export function drawSetting(pen, theme, frame, points, value, isLocked) {
  const x = Math.round(frame.x(value));
  pen.strokeStyle = isLocked ? theme.axis : theme.text;
  pen.lineWidth = 1.5;
  line(pen, x, frame.top, x, frame.bottom);
  const { y } = pointAt(points, value);
  if (Number.isFinite(y)) dot(pen, x, clamp(frame.y(y), frame.top, frame.bottom), 5.5, isLocked ? theme.label : theme.primary, theme.ground);
}

export function dot(pen, x, y, radius, colour, ground) {
  if (!Number.isFinite(y)) return;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 7);
  pen.fillStyle = colour;
  pen.fill();
  pen.strokeStyle = ground;
  pen.lineWidth = 1.5;
  pen.stroke();
}

function line(pen, x0, y0, x1, y1) {
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
}

function fitted(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  let cut = text;
  while (cut.length > 1 && pen.measureText(`${cut}…`).width > width) cut = cut.slice(0, -1);
  return `${cut}…`;
}
