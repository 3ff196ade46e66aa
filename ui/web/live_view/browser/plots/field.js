/** The recorded outcome as a colour: of recorded rows, and of a faint field behind them where two features are shown. */

import { clamp, formatNumber, withUnit } from "../../../browser/numbers.js";
import { mapRect, placeRecorded, toPlace } from "./axes.js";

// From far from the background's lightness to near it: the order can be told without colours, too.
const STOPS = {
  light: [[236, 222, 184], [150, 190, 170], [64, 140, 150], [22, 78, 112]],
  dark: [[86, 74, 52], [70, 112, 104], [88, 168, 164], [206, 240, 232]],
};
const N_SHADES = 16;
const CELL = 9; // pixels of the field, before it is smoothed
const WIDTH = 0.055; // of the map: how far a recorded row colours the field around it
const STRENGTH = { light: 0.42, dark: 0.42 };

/** The colour [r, g, b] of a share from 0, the lowest outcome, to 1. */
function shadeOf(isDark, share) {
  const stops = isDark ? STOPS.dark : STOPS.light;
  const place = clamp(share, 0, 1) * (stops.length - 1);
  const k = Math.min(stops.length - 2, Math.floor(place));
  return stops[k].map((value, i) => Math.round(value + (stops[k + 1][i] - value) * (place - k)));
}

const cssOf = ([r, g, b]) => `rgb(${r}, ${g}, ${b})`;

/** The colours from the lowest outcome to the highest, as a background. */
export const rampOf = (isDark) => `linear-gradient(90deg, ${[0, 1, 2, 3].map((k) => cssOf(shadeOf(isDark, k / 3))).join(", ")})`;

const rangeOfOutcomes = ({ recorded }) => [recorded.low[0], recorded.high[0]];

/** Whether colours say something: outcomes differ. */
const hasColours = (scene) => scene.recorded.n > 1 && scene.recorded.high[0] > scene.recorded.low[0];

/** Whether recorded rows have the colours of their outcomes: not where an axis shows these already. */
export const isColoured = (scene, { x, y }) => hasColours(scene) && x.value !== 0 && y.value !== 0;

/** What the colours of recorded rows say, in words. */
export function rampWords({ scene, mapView, digits }) {
  if (!isColoured(scene, mapView)) return "recorded row";
  const [low, high] = rangeOfOutcomes(scene).map((value) => formatNumber(value, digits.outcome));
  return `recorded, ${low} to ${withUnit(high, scene.outcome.unit)}${scene.by_model ? " by the model" : ""}`;
}

const shareOf = (scene, i) => {
  const [low, high] = rangeOfOutcomes(scene);
  return (scene.recorded.values[i * scene.recorded.width] - low) / (high - low);
};

/** Recorded rows, the higher ones last; in one gray where an axis shows their outcome already. */
export function drawRecorded(context, rect, frame) {
  const { scene, theme, mapView: view } = frame;
  const hasShades = isColoured(scene, view);
  const groups = Array.from({ length: hasShades ? N_SHADES : 1 }, () => []);
  for (let i = 0; i < scene.recorded.n; i += 1) {
    const share = hasShades ? shareOf(scene, i) : 0;
    const place = placeRecorded(frame, rect, i);
    if (!Number.isFinite(place[0] + place[1] + share)) continue;
    groups[clamp(Math.floor(share * groups.length), 0, groups.length - 1)].push(place);
  }
  groups.forEach((places, k) => {
    context.fillStyle = hasShades ? cssOf(shadeOf(theme.isDark, (k + 0.5) / N_SHADES)) : theme.recorded;
    context.beginPath();
    for (const [x, y] of places) {
      context.moveTo(x + 2.4, y);
      context.arc(x, y, 2.4, 0, 2 * Math.PI);
    }
    context.fill();
  });
}

const isNumber = ({ value, isComponent, categories }) => value > 0 && !isComponent && !categories.length;

/** The field: a mean of the recorded outcomes around, seen only near recorded rows; kept until something changes. */
export function drawField(context, size, frame, kept) {
  const { scene, theme, mapView: view } = frame;
  if (!hasColours(scene) || !isNumber(view.x) || !isNumber(view.y) || view.x.key === view.y.key) return;
  const key = [scene.run_id, view.x.key, view.y.key, theme.isDark, size.width, size.height].join();
  if (kept.key !== key) Object.assign(kept, { key, ...fieldOf(scene, theme.isDark, view, mapRect(size, view)) });
  const rect = mapRect(size, view);
  context.save();
  context.beginPath();
  context.rect(rect.left, rect.top, rect.width, rect.height);
  context.clip();
  const corners = [[kept.x[0], kept.y[1]], [kept.x[1], kept.y[0]]];
  const [[left, top], [right, bottom]] = corners.map((corner) => toPlace({ ...view, former: null }, rect, () => corner));
  context.globalAlpha = STRENGTH[theme.isDark ? "dark" : "light"] * view.blend;
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(kept.canvas, left, top, right - left, bottom - top);
  context.restore();
}

function fieldOf(scene, isDark, view, rect) {
  const { values, width, n, low, high } = scene.recorded;
  const [columnX, columnY] = [view.x.value, view.y.value];
  const spanOf = (column) => [low[column], high[column]].map((value, i) => value + (i ? 1 : -1) * 0.15 * (high[column] - low[column] || 1));
  const [x, y] = [spanOf(columnX), spanOf(columnY)];
  const share = (range, drawn) => clamp((range[1] - range[0]) / (drawn[1] - drawn[0] || 1), 0.05, 1);
  const nx = Math.max(8, Math.round((rect.width * share(x, view.dx)) / CELL));
  const ny = Math.max(8, Math.round((rect.height * share(y, view.dy)) / CELL));
  const h = WIDTH * Math.sqrt(nx * ny) * 1.3; // as far in both directions, as it is seen
  const [weights, sums, nearest] = [0, 1, 2].map(() => new Float32Array(nx * ny));
  for (let i = 0; i < n; i += 1) {
    const outcome = shareOf(scene, i);
    if (!Number.isFinite(outcome)) continue;
    const cx = ((values[i * width + columnX] - x[0]) / (x[1] - x[0])) * nx - 0.5;
    const cy = ((y[1] - values[i * width + columnY]) / (y[1] - y[0])) * ny - 0.5;
    for (let r = Math.max(0, Math.ceil(cy - 3 * h)); r < Math.min(ny, cy + 3 * h); r += 1) {
      for (let c = Math.max(0, Math.ceil(cx - 3 * h)); c < Math.min(nx, cx + 3 * h); c += 1) {
        const weight = Math.exp(-(((c - cx) / h) ** 2 + ((r - cy) / h) ** 2) / 2);
        weights[r * nx + c] += weight;
        nearest[r * nx + c] = Math.max(nearest[r * nx + c], weight);
        sums[r * nx + c] += weight * outcome;
      }
    }
  }
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: nx, height: ny });
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(nx, ny);
  for (let k = 0; k < nx * ny; k += 1) {
    const colour = shadeOf(isDark, weights[k] ? sums[k] / weights[k] : 0);
    image.data.set([...colour, Math.round(255 * nearest[k])], 4 * k);
  }
  pen.putImageData(image, 0, 0);
  return { canvas, x, y };
}
