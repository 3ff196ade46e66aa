/** The drawing of a plot: band, line, recorded rows, where the model only guesses. */

import { drawCircle, drawPath, startLabels } from "../../browser/canvas.js";
import { fitted } from "../../browser/dom.js";
import { clamp, niceTicks, tickDigits } from "../../browser/numbers.js";
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

/** A tick in few letters: thousands as "10k" where the range reaches ten of them. */
function short(value, digits, largest) {
  const text = largest < 10000 || !value ? value.toFixed(digits) : `${(value / 1000).toFixed(value % 1000 ? 1 : 0)}k`;
  return text.replace("-", "−").replace(/^(\d)(\d{3})(?!\d|k)/, "$1,$2");
}

/** Axes, grid and the ends of the range. */
export function drawAxes(pen, theme, frame, range, low, high) {
  startLabels(pen, theme, "right", "middle");
  pen.lineWidth = 1;
  const ticks = niceTicks(...range, 3);
  const digits = tickDigits(ticks);
  const largest = Math.max(...ticks.map(Math.abs));
  for (const tick of ticks) {
    const y = Math.round(frame.y(tick)) + 0.5;
    if (y < frame.top || y > frame.bottom) continue;
    pen.strokeStyle = theme.grid;
    drawPath(pen, [[frame.left, y], [frame.right, y]]);
    pen.fillText(short(tick, digits, largest), frame.left - 6, y);
  }
  pen.strokeStyle = theme.axis;
  drawPath(pen, [[frame.left, frame.bottom + 0.5], [frame.right, frame.bottom + 0.5]]);
  startLabels(pen, theme, "left", "alphabetic");
  const y = frame.bottom + 19;
  pen.fillText(low, frame.left, y);
  pen.textAlign = "right";
  pen.fillText(high, frame.right, y);
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
    const radius = code === chosen ? 5.5 : 3.5;
    if (Number.isFinite(point.y)) drawDot(pen, theme, x, frame.y(point.y), radius, theme.primary);
    const isRoom = wide > 22 || points.length <= 3 || code === chosen;
    pen.fillStyle = code === chosen ? theme.text : theme.label;
    if (isRoom) pen.fillText(fitted(feature.categories[code], code === chosen ? Math.max(wide, 60) : wide - 4, (part) => pen.measureText(part).width), x, frame.bottom + 19);
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
