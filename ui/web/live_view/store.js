/** What the browser knows of a run: pieces merged from messages, and the lineages they tell of. */

import { clamp, lerp, smooth, upperBound } from "../look.js";

export const IMPROVED = 1;
const STALLED = 2;
const EXTINCT = 3;
const MERGED = 4;
const DROPPED = 5;
const BRIEFLY = 3; // added to the state of a lineage that came and went within one drawn generation
export const COLUMN = { generation: 0, lineage: 1, state: 2, score: 3, outcome: 4, density: 5, features: 6 };
const GENERATION_WIDTH = 6;
export const SHAPE_WIDTH = 6;
const NO_VALUE = 65535;

function decodeBytes(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

export function decodeFloats(text) {
  return new Float32Array(text ? decodeBytes(text).buffer : 0);
}

/** Recorded rows from 16-bit levels: {n, width, values}, row by row. */
export function decodeLevels({ low, high, levels }) {
  const codes = new Uint16Array(decodeBytes(levels).buffer);
  const width = low.length;
  const values = Float32Array.from(codes, (code, i) => {
    const column = i % width;
    return code === NO_VALUE ? NaN : low[column] + (code / (NO_VALUE - 1)) * (high[column] - low[column]);
  });
  return { n: codes.length / width, width, values };
}

/**
 * An empty store. Time runs in drawn generations: 1 is the first that is drawn, whatever its number is, and a lineage's
 * `born`, `at` and `end` count likewise. In short runs every generation is drawn.
 */
export function createStore(nFeatures) {
  return {
    width: nFeatures + 8,
    nFeatures,
    edition: 0,
    rows: new Float32Array(0),
    shapes: null,
    nRows: 0,
    numbers: [],
    evaluations: [],
    counts: [],
    tracks: [],
    byId: new Map(),
    ended: [],
    drops: [],
    best: [],
    low: new Array(nFeatures + 8).fill(Infinity),
    high: new Array(nFeatures + 8).fill(-Infinity),
    version: 0,
  };
}

export const cell = (store, row, column) => store.rows[row * store.width + column];
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
  const nRows = Math.floor((progress.events.length * 3) / 4 / 4 / store.width); // base64 of 4 bytes a value
  return progress.last > lastNumber(store) || nRows > store.nRows + 1 || progress.edition !== store.edition;
}

/** Take in a piece of the trace; what is known already is skipped. False when generations before it are missing. */
export function merge(store, progress) {
  const known = lastNumber(store);
  if (progress.after > known) return false;
  if (!known) store.edition = progress.edition;
  const generations = decodeFloats(progress.generations);
  for (let i = 0; i < generations.length; i += GENERATION_WIDTH) {
    const [number, evaluations, ...counts] = generations.subarray(i, i + GENERATION_WIDTH);
    if (number <= known) continue;
    store.numbers.push(number);
    store.evaluations.push(evaluations);
    store.counts.push(counts);
  }
  const events = decodeFloats(progress.events);
  const shapes = decodeFloats(progress.shapes);
  let first = 0;
  while (first * store.width < events.length && events[first * store.width] <= known) first += 1;
  takeRows(store, events.subarray(first * store.width), shapes.subarray(first * SHAPE_WIDTH));
  if (lastNumber(store) > known) store.version += 1;
  return true;
}

function takeRows(store, events, shapes) {
  const n = events.length / store.width;
  if (!n) return;
  store.rows = withRoom(store.rows, store.nRows * store.width, events);
  if (shapes.length || store.shapes) {
    const filled = store.shapes ?? new Float32Array(store.nRows * SHAPE_WIDTH).fill(NaN);
    const added = shapes.length ? shapes : new Float32Array(n * SHAPE_WIDTH).fill(NaN);
    store.shapes = withRoom(filled, store.nRows * SHAPE_WIDTH, added);
  }
  for (let row = store.nRows; row < store.nRows + n; row += 1) takeEvent(store, row);
  store.nRows += n;
}

/** The array with values added at a place; a larger one where they do not fit. */
function withRoom(array, at, values) {
  let found = array;
  if (at + values.length > array.length) {
    found = new Float32Array(Math.max(at + values.length, 2 * array.length));
    found.set(array.subarray(0, at));
  }
  found.set(values, at);
  return found;
}

function takeEvent(store, row) {
  const at = upperBound(store.numbers, cell(store, row, COLUMN.generation) - 0.5) + 1;
  const id = cell(store, row, COLUMN.lineage);
  const code = cell(store, row, COLUMN.state);
  const state = code > DROPPED ? code - BRIEFLY : code;
  let track = store.byId.get(id);
  if (!track) {
    track = {
      id, born: at, end: Infinity, dropped: Infinity, isMerged: false, into: -1, rows: [], at: [], shapes: [], shapeAt: [],
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
  if (store.shapes && Number.isFinite(store.shapes[row * SHAPE_WIDTH + 2])) {
    track.shapes.push(row);
    track.shapeAt.push(at);
  }
  if (state >= EXTINCT) {
    track.end = at;
    track.isMerged = state === MERGED;
    track.into = track.isMerged && store.shapes ? store.shapes[row * SHAPE_WIDTH + SHAPE_WIDTH - 1] : -1;
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
    if (Number.isFinite(score) && (!next || score < next.score)) next = { at, row, id: other.id, score };
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
  if (Number.isFinite(score) && (!lead || score < lead.score)) {
    if (lead?.at === at) store.best.pop();
    store.best.push({ at, row, id: track.id, score });
  }
  for (let column = COLUMN.score; column < store.width; column += 1) {
    const value = cell(store, row, column);
    if (value < store.low[column]) store.low[column] = value;
    if (value > store.high[column]) store.high[column] = value;
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
  return clamp(t - (track.born - 1), 0, 1) * (1 - clamp((t - (track.end - 1)) / fade, 0, 1));
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
  const [nBorn, nExtinct, nMerged, nDropped] = k ? store.counts[k - 1] : [0, 0, 0, 0];
  return {
    generation: k ? store.numbers[k - 1] : null,
    evaluations: k ? store.evaluations[k - 1] : 0,
    nBorn,
    nExtinct,
    nMerged,
    nDropped,
    nLiving: nBorn - nExtinct - nMerged - nDropped,
  };
}

/** Values of a column between which a share of all events lies; [0, 1] when there are none. */
export function quantiles(store, column, low, high) {
  const stride = Math.max(1, Math.floor(store.nRows / 3000));
  const values = [];
  for (let row = 0; row < store.nRows; row += stride) {
    const value = cell(store, row, column);
    if (Number.isFinite(value)) values.push(value);
  }
  if (!values.length) return [0, 1];
  values.sort((a, b) => a - b);
  const at = (share) => values[Math.round(share * (values.length - 1))];
  return [at(low), at(high)];
}
