/** What arrives, as arrays; profiles with the setting's own point in them; distances to recorded rows. */

import { decode, decodeLevels } from "../../browser/decode.js";
import { clamp, lerp, upperBound } from "../../browser/numbers.js";

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
  return { ...scene, features, curve, recorded: decodeLevels(scene.recorded), nPoints: start };
}

export function decodeAnswer(answer, scene) {
  const percent = decode(answer.percent, Uint8Array);
  return {
    ...answer,
    bands: decode(answer.bands),
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
export function pointAt(points, x) {
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
export const strength = (squared, d) => Math.exp(-squared / (0.5 * Math.max(1, d - 1)));

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
