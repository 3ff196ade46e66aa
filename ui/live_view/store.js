/** What the browser knows of a run: events merged from messages, and the lineages they tell of. */

import { clamp, smooth, upperBound } from "./look.js";

export const IMPROVED = 1;
const EXTINCT = 3;
export const COLUMN = { generation: 0, lineage: 1, state: 2, score: 3, outcome: 4, density: 5, features: 6 };
const NO_VALUE = 65535;

function decodeBytes(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

export function decodeFloats(text) {
  return new Float32Array(decodeBytes(text).buffer);
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

export function createStore(nFeatures) {
  return {
    width: nFeatures + 8,
    nFeatures,
    rows: new Float32Array(0),
    nRows: 0,
    numbers: [],
    evaluations: [],
    tracks: [],
    byId: new Map(),
    extinct: [],
    best: [],
    low: new Array(nFeatures + 8).fill(Infinity),
    high: new Array(nFeatures + 8).fill(-Infinity),
    version: 0,
  };
}

export const cell = (store, row, column) => store.rows[row * store.width + column];
export const firstGeneration = (store) => (store.numbers.length ? store.numbers[0] : 0);
export const lastGeneration = (store) => (store.numbers.length ? store.numbers[store.numbers.length - 1] : 0);

/** Take in a piece of the trace; what is known already is skipped. False when rows before it are missing. */
export function merge(store, progress) {
  const events = progress.events ? decodeFloats(progress.events) : new Float32Array(0);
  const generations = progress.generations ? decodeFloats(progress.generations) : new Float32Array(0);
  if (progress.first_event > store.nRows || progress.first_generation > store.numbers.length) return false;

  const nSkipped = store.nRows - progress.first_event;
  const nNew = events.length / store.width - nSkipped;
  if (nNew > 0) {
    const needed = (store.nRows + nNew) * store.width;
    if (needed > store.rows.length) {
      const larger = new Float32Array(Math.max(needed, store.rows.length * 2));
      larger.set(store.rows.subarray(0, store.nRows * store.width));
      store.rows = larger;
    }
    store.rows.set(events.subarray(nSkipped * store.width), store.nRows * store.width);
    for (let row = store.nRows; row < store.nRows + nNew; row += 1) takeEvent(store, row);
    store.nRows += nNew;
    store.version += 1;
  }
  for (let i = store.numbers.length - progress.first_generation; i < generations.length / 2; i += 1) {
    store.numbers.push(generations[2 * i]);
    store.evaluations.push(generations[2 * i + 1]);
    store.version += 1;
  }
  return true;
}

function takeEvent(store, row) {
  const generation = cell(store, row, COLUMN.generation);
  const id = cell(store, row, COLUMN.lineage);
  const state = cell(store, row, COLUMN.state);
  const score = cell(store, row, COLUMN.score);
  let track = store.byId.get(id);
  if (!track) {
    track = { id, born: generation, extinct: Infinity, rows: [], at: [] };
    store.byId.set(id, track);
    store.tracks.push(track);
  }
  if (state === EXTINCT) {
    track.extinct = generation;
    store.extinct.push(track);
    if (track.rows.length) return;
  }
  track.rows.push(row);
  track.at.push(generation);
  const lead = store.best[store.best.length - 1];
  if (Number.isFinite(score) && (!lead || score < lead.score)) {
    if (lead?.at === generation) store.best.pop();
    store.best.push({ at: generation, row, id, score });
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

/** How much of a lineage is there at time t: 0 unborn, 1 alive, back to 0 when extinct. */
export function presence(track, t) {
  return clamp(t - (track.born - 1), 0, 1) * (1 - clamp(t - (track.extinct - 1), 0, 1));
}

/** The row that describes a lineage at time t. */
export function rowAt(track, t) {
  return track.rows[Math.max(0, upperBound(track.at, Math.floor(t + 1e-6)) - 1)];
}

/** The best so far at time t: {at, row, id, score}, or null. */
export function bestAt(store, t) {
  const k = upperBound(store.best, Math.floor(t + 1e-6), (entry) => entry.at);
  return k ? store.best[k - 1] : null;
}

/** Numbers of the generation that is complete at time t. */
export function countsAt(store, t) {
  const generation = Math.floor(t + 1e-6);
  const k = upperBound(store.numbers, generation);
  const nBorn = upperBound(store.tracks, generation, (track) => track.born);
  const nExtinct = upperBound(store.extinct, generation, (track) => track.extinct);
  return {
    generation: k ? store.numbers[k - 1] : null,
    evaluations: k ? store.evaluations[k - 1] : 0,
    nLiving: nBorn - nExtinct,
    nExtinct,
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
