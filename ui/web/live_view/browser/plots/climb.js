/** The last phase of a search: candidates follow the slope from where they began to the exact tops. */

import { drawCircle, drawPath } from "../../../browser/canvas.js";
import { clamp, lerp, smooth } from "../../../browser/numbers.js";
import { lineageColour } from "../../../browser/theme.js";
import { placeRow, placeTrack } from "./axes.js";
import { COLUMN, addRow, cell, firstGeneration, lastGeneration, segmentAt } from "../store.js";

const ROOM = 0.14; // of the board and of the slider that the phase takes, which is one generation of many

/**
 * Take in where the climbs began. A lineage that such a climb led to begins there; what came to the same top later, or
 * found nothing better, is a path of its own.
 */
export function takeClimb(store, rows, width) {
  if (store.climb || !rows.length) return;
  const at = lastGeneration(store);
  const paths = [];
  for (let i = 0; i < rows.length; i += width) {
    const row = addRow(store, rows.subarray(i, i + width));
    for (let column = COLUMN.features; column < store.shape; column += 1) {
      const value = cell(store, row, column);
      if (value < store.low[column]) store.low[column] = value;
      if (value > store.high[column]) store.high[column] = value;
    }
    const track = store.byId.get(cell(store, row, COLUMN.lineage)) ?? null;
    const isFresh = cell(store, row, COLUMN.state) % 2 > 0;
    const isTop = cell(store, row, COLUMN.state) > 1;
    const isLineage = track !== null && !track.isClimb;
    if (isLineage) Object.assign(track, { isClimb: true, isFresh, rows: [row, ...track.rows], at: [at - 1, ...track.at] });
    paths.push({ row, track, isFresh, isLineage, isTop });
  }
  const count = (name) => paths.filter((path) => path[name]).length;
  store.climb = { at, paths, nFresh: count("isFresh"), nTops: count("isTop"), nLineages: count("isLineage"), n: paths.length };
}

/** How far the climb is at time t, 0 to 1; 0 where there is none. */
export const climbAt = (store, t) => (store.climb ? clamp(t - (store.climb.at - 1), 0, 1) : 0);

/** A scale on which the climb takes more room than one generation: `start` is where it begins, its end is `room` on. */
export function stretched(start, first) {
  const room = Math.max(2, ((start - first) * ROOM) / (1 - ROOM));
  return {
    end: start + room,
    there: (value, u) => (u > 0 ? start + u * room : value),
    back: (place) => (place > start ? { u: (place - start) / room } : { value: place }),
  };
}

/** The slider on which the climb at the end has more room than one generation; null without a climb. */
const sliderRoom = (store) => store.climb && stretched(store.climb.at - 1, firstGeneration(store));

/** Where time t is on the slider. */
export const sliderAt = (store, t) => sliderRoom(store)?.there(t, climbAt(store, t)) ?? t;

/** The time at a place of the slider: the other way round. */
export function timeAt(store, place) {
  const { value = place, u } = sliderRoom(store)?.back(place) ?? {};
  return u === undefined ? value : store.climb.at - 1 + u;
}

/** The ways that are climbed, thin; those who come to a top that another one is at already, as hollow dots. */
export function drawClimb(context, rect, frame) {
  const { store, theme, t } = frame;
  const u = climbAt(store, t);
  if (u <= 0) return;
  const fade = 1 - 0.85 * frame.atEnd;
  context.lineCap = "round";
  for (const { row, track, isFresh, isLineage } of store.climb.paths) {
    const from = placeRow(frame, rect, row, track?.id ?? 0);
    const to = track ? placeTrack(frame, rect, segmentAt(track, Math.max(t, store.climb.at - 0.999)), track.id) : from;
    const v = smooth(u);
    const now = isLineage || !track ? to : [lerp(from[0], to[0], v), lerp(from[1], to[1], v)];
    const colour = track ? lineageColour(theme, track.id) : theme.label;
    context.globalAlpha = (isLineage ? 0.7 : 0.35) * fade;
    Object.assign(context, { strokeStyle: colour, lineWidth: 1.2 });
    if (track) drawPath(context, [from, now]);
    if (isFresh) drawCircle(context, ...from, 2.6, { stroke: colour });
    if (isLineage) continue;
    context.globalAlpha = 0.9 * (1 - u);
    drawCircle(context, ...now, 3.2, { fill: theme.background, stroke: colour, width: 1.4 });
  }
  context.globalAlpha = 1;
}
