/** What the browser knows of a run: pieces merged from messages, and the lineages they tell of. */

import { decode } from "../../browser/decode.js";
import { clamp, lerp, smooth, upperBound } from "../../browser/numbers.js";

export const IMPROVED = 1;
const STALLED = 2;
const EXTINCT = 3;
const MERGED = 4;
const DROPPED = 5;
const BRIEFLY = 3; // added to the state of a lineage that came and went within one drawn generation
export const COLUMN = { generation: 0, lineage: 1, state: 2, score: 3, outcome: 4, density: 5, features: 6 };
const GENERATION_WIDTH = 6;
// variances on a pair of features (xx, xy, yy), an ellipse on the components (centre, variances xx, xy, yy), and the
// lineage that a merged one went into
const SHAPE_WIDTH = 9;
export const ON_COMPONENTS = 3; // where the ellipse begins

/**
 * An empty store. Time runs in drawn generations: 1 is the first that is drawn, whatever its number is, and a lineage's
 * `born`, `at` and `end` count likewise. In short runs every generation is drawn.
 */
export function createStore(nFeatures, { nGoals = 0, brokenFrom = null } = {}) {
  const goals = COLUMN.features + nFeatures + 2; // two components follow the features
  const shape = goals + (nGoals ? nGoals + 1 : 0); // the penalties follow several goals
  return {
    goals, // the first column of several goals
    shape, // the first column of a shape
    brokenFrom, // scores from which on a candidate breaks a limit
    nBroken: 0, // rows that do
    leaders: { key: "", ids: new Set() }, // see leadersAt
    width: shape + SHAPE_WIDTH,
    edition: 0,
    rows: new Float32Array(0),
    hasShapes: false,
    hasPairShapes: false,
    nRows: 0,
    numbers: [],
    evaluations: [],
    counts: [],
    tracks: [],
    byId: new Map(),
    ended: [],
    drops: [],
    climb: null, // see takeClimb
    best: [],
    low: new Array(shape).fill(Infinity),
    high: new Array(shape).fill(-Infinity),
    keptLow: new Array(shape).fill(Infinity), // of what keeps the limits
    keptHigh: new Array(shape).fill(-Infinity),
    version: 0,
  };
}

export const cell = (store, row, column) => store.rows[row * store.width + column];
/** Whether a row breaks a limit. */
export const isBroken = (store, row) => store.brokenFrom !== null && cell(store, row, COLUMN.score) >= store.brokenFrom;

export const firstGeneration = (store) => (store.numbers.length ? 1 : 0);
export const lastGeneration = (store) => store.numbers.length;
export const lastNumber = (store) => (store.numbers.length ? store.numbers[store.numbers.length - 1] : 0);

/** The number of the generation at time t, with its fraction. */
export function numberAt(store, t) {
  const n = store.numbers.length;
  const k = clamp(Math.floor(t), 0, n);
  const before = k ? store.numbers[k - 1] : 0;
  return k < n ? lerp(before, store.numbers[k], Math.max(0, t - k)) : before;
}

/** The time at which a generation is drawn: the other way round. */
export function timeOf(store, number) {
  const k = upperBound(store.numbers, number);
  const before = k ? store.numbers[k - 1] : 0;
  return k < store.numbers.length ? k + (number - before) / (store.numbers[k] - before) : k;
}

/** Whether a piece tells the whole run, and more of it than is known. */
export function isBetter(store, progress) {
  if (progress.after > 0 || progress.last < lastNumber(store)) return false;
  const nRows = Math.floor((progress.rows.length * 3) / 4 / 4 / progress.width); // base64 of 4 bytes a value
  return progress.last > lastNumber(store) || nRows > store.nRows + 1 || progress.edition !== store.edition;
}

/** Take in a piece of the trace; what is known already is skipped. False when generations before it are missing. */
export function merge(store, progress) {
  const known = lastNumber(store);
  if (progress.after > known) return false;
  if (!known) store.edition = progress.edition;
  const generations = decode(progress.generations);
  for (let i = 0; i < generations.length; i += GENERATION_WIDTH) {
    const [number, evaluations, ...counts] = generations.subarray(i, i + GENERATION_WIDTH);
    if (number <= known) continue;
    store.numbers.push(number);
    store.evaluations.push(evaluations);
    store.counts.push(counts);
  }
  takeRows(store, decode(progress.rows), progress.width, known);
  if (lastNumber(store) > known) store.version += 1;
  return true;
}

/** Add what follows a generation. */
function takeRows(store, rows, width, known) {
  const n = rows.length / width;
  let first = 0;
  while (first < n && rows[first * width] <= known) first += 1;
  store.hasShapes ||= n > 0 && width === store.width;
  for (let i = first; i < n; i += 1) takeEvent(store, addRow(store, rows.subarray(i * width, (i + 1) * width)));
}

/** Keep one more row and give its place; one that came without columns for shapes gets empty ones. */
export function addRow(store, row) {
  const start = store.nRows * store.width;
  if (start + store.width > store.rows.length) {
    const larger = new Float32Array(Math.max(256 * store.width, 2 * store.rows.length)).fill(NaN);
    larger.set(store.rows);
    store.rows = larger;
  }
  store.rows.set(row, start);
  store.nRows += 1;
  return store.nRows - 1;
}

function takeEvent(store, row) {
  const at = upperBound(store.numbers, cell(store, row, COLUMN.generation) - 0.5) + 1;
  const id = cell(store, row, COLUMN.lineage);
  const code = cell(store, row, COLUMN.state);
  const state = code > DROPPED ? code - BRIEFLY : code;
  let track = store.byId.get(id);
  if (!track) {
    track = {
      id, born: at, end: Infinity, dropped: Infinity, isMerged: false, into: -1, isClimb: false, isFresh: false, rows: [],
      at: [], shapes: [], shapeAt: [],
    };
    store.byId.set(id, track);
    store.tracks.push(track);
  }
  if (state === DROPPED && track.dropped === Infinity) {
    track.dropped = at;
    store.drops.push(at);
  }
  if (track.end < Infinity) {
    // Told once more, with less detail; or dropped after its end.
    if (state === DROPPED) forgetBest(store, at);
    return;
  }
  store.hasPairShapes ||= Number.isFinite(cell(store, row, store.shape));
  if (Number.isFinite(cell(store, row, store.shape + ON_COMPONENTS + 2))) {
    track.shapes.push(row);
    track.shapeAt.push(at);
  }
  if (state >= EXTINCT) {
    track.end = at;
    track.isMerged = state === MERGED;
    track.into = track.isMerged ? cell(store, row, store.width - 1) : -1;
    store.ended.push(track);
  }
  if (state < STALLED || !track.rows.length || isNews(store, track, row)) takePlace(store, track, row, at);
  if (state === DROPPED) forgetBest(store, at);
}

/** Whether a lineage, or one that it merged into, was dropped. */
export function isGone(store, track) {
  let one = track;
  for (let n = 0; one && n < 99; n += 1) {
    if (one.dropped < Infinity) return true;
    one = one.isMerged ? store.byId.get(one.into) : null;
  }
  return false;
}

/** When a lineage that led is dropped, the best of the others leads; what merged with a dropped one is gone with it. */
function forgetBest(store, at) {
  const lead = store.best[store.best.length - 1];
  if (!lead || !isGone(store, store.byId.get(lead.id))) return;
  if (lead.at === at) store.best.pop();
  let next = null;
  for (const other of store.tracks) {
    if (isGone(store, other)) continue;
    const row = other.rows[other.rows.length - 1];
    const score = cell(store, row, COLUMN.score);
    if (Number.isFinite(score) && !isBroken(store, row) && (!next || score < next.score)) next = { at, row, id: other.id, score };
  }
  if (next) store.best.push(next);
}

/** Whether an end tells of a better place too, as one does where generations are drawn as one. */
function isNews(store, track, row) {
  return cell(store, row, COLUMN.score) < cell(store, track.rows[track.rows.length - 1], COLUMN.score);
}

function takePlace(store, track, row, at) {
  track.rows.push(row);
  track.at.push(at);
  const score = cell(store, row, COLUMN.score);
  const lead = store.best[store.best.length - 1];
  const isKept = !isBroken(store, row);
  if (!isKept) store.nBroken += 1;
  if (Number.isFinite(score) && isKept && (!lead || score < lead.score)) {
    if (lead?.at === at) store.best.pop();
    store.best.push({ at, row, id: track.id, score });
  }
  for (let column = COLUMN.score; column < store.shape; column += 1) {
    const value = cell(store, row, column);
    if (value < store.low[column]) store.low[column] = value;
    if (value > store.high[column]) store.high[column] = value;
    if (!isKept) continue;
    if (value < store.keptLow[column]) store.keptLow[column] = value;
    if (value > store.keptHigh[column]) store.keptHigh[column] = value;
  }
}

/** Where a lineage is at time t: between its rows a and b, u of the way; null before its birth. */
export function segmentAt(track, t) {
  let k = track.at.length - 1;
  while (k >= 0 && track.at[k] - 1 >= t) k -= 1;
  if (k < 0) return null;
  const u = clamp(t - (track.at[k] - 1), 0, 1);
  return { a: track.rows[Math.max(0, k - 1)], b: track.rows[k], u: k === 0 ? 1 : smooth(u), since: track.at[k], k };
}

/** How much of a lineage is there at time t: 0 unborn, 1 alive, back to 0 when it has ended within `fade`. */
export function presence(track, t, fade = 1) {
  return clamp((t - (track.born - 1)) * (track.isClimb ? 8 : 1), 0, 1) * (1 - clamp((t - (track.end - 1)) / fade, 0, 1));
}

/** The row that describes a lineage at time t. */
export function rowAt(track, t) {
  return track.rows[Math.max(0, upperBound(track.at, Math.floor(t + 1e-6)) - 1)];
}

/** How many lineages were dropped by time t. */
export const dropsAt = (store, t) => upperBound(store.drops, t);

/** The best so far at time t: {at, row, id, score}, or null. */
export function bestAt(store, t) {
  const k = upperBound(store.best, Math.floor(t + 1e-6), (entry) => entry.at);
  return k ? store.best[k - 1] : null;
}

/** Numbers of the generation that is complete at time t, of the whole run. */
export function countsAt(store, t) {
  const k = clamp(Math.floor(t + 1e-6), 0, store.numbers.length);
  const [nBorn, nExtinct, nMerged, nDropped] = store.counts[k - 1] ?? [0, 0, 0, 0];
  const nLiving = nBorn - nExtinct - nMerged - nDropped;
  const generation = store.numbers[k - 1] ?? null;
  const u = store.climb && k === store.climb.at - 1 ? t - k : 0; // what the climb takes is counted on the way
  const before = store.evaluations[k - 1] ?? 0;
  const evaluations = Math.round(lerp(before, store.evaluations[k] ?? before, u));
  return { generation, evaluations, nBorn, nExtinct, nMerged, nDropped, nLiving };
}

/** Values of a column between which a share of all events lies that keep the limits; [0, 1] when there are none. */
export function quantiles(store, column, low, high) {
  const stride = Math.max(1, Math.floor(store.nRows / 3000));
  const values = [];
  for (let row = 0; row < store.nRows; row += stride) {
    const value = cell(store, row, column);
    if (Number.isFinite(value) && !isBroken(store, row)) values.push(value);
  }
  if (!values.length) return [0, 1];
  values.sort((a, b) => a - b);
  const at = (share) => values[Math.round(share * (values.length - 1))];
  return [at(low), at(high)];
}
