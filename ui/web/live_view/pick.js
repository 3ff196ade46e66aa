/** What is under the pointer, and where it is. */

import { lerp, upperBound } from "../look.js";
import { cell, numberAt, segmentAt, timeOf } from "./store.js";
import { recordedPoint } from "./axes.js";
import { mapRect, place, placeRow, placeTrack } from "./ground.js";
import { boardRect, xOf, yOf } from "./board.js";

/** What is under the pointer: {kind, id or index}, the nearest within reach, the living before the rest. */
export function pickOnMap(size, frame, spots, px, py) {
  const { scene, store, mapView: view } = frame;
  const rect = mapRect(size, view);
  let found = null;
  const offer = (kind, id, x, y, reach) => {
    const distance = Math.hypot(x - px, y - py);
    if (distance <= reach && (!found || distance < found.distance)) found = { kind, id, distance };
  };
  if (frame.representatives && frame.atEnd > 0.5) {
    for (let i = 0; i < frame.representatives.n; i += 1) {
      const [x, y] = place(view, rect, (ax, ay) => recordedPoint(scene, ax, ay, i, frame.representatives));
      offer("representative", i, x, y, 8);
    }
  }
  if (found) return found;
  for (const { track, x, y } of spots) offer("lineage", track.id, x, y, 13);
  if (frame.best) {
    offer("lineage", frame.best.id, ...placeRow(frame, view, rect, frame.best.row, frame.best.id), 10);
  }
  if (found) return found;
  const n = upperBound(store.ended, frame.t, (track) => track.end);
  for (let i = 0; i < n; i += 1) {
    const track = store.ended[i];
    offer("lineage", track.id, ...placeRow(frame, view, rect, track.rows[track.rows.length - 1], track.id), 7);
  }
  if (found) return found;
  for (let i = 0; i < scene.recorded.n; i += 1) {
    offer("recorded", i, ...place(view, rect, (ax, ay) => recordedPoint(scene, ax, ay, i)), 6);
  }
  return found;
}

/** The lineage whose line is nearest to the pointer, within reach. */
export function pickOnBoard(size, frame, px, py) {
  const rect = boardRect(size);
  const { store, boardView: view } = frame;
  const number = view.dx[0] + ((px - rect.left) / rect.width) * (view.dx[1] - view.dx[0]);
  const at = Math.min(timeOf(store, number), frame.t);
  if (Math.abs(xOf(rect, view, numberAt(store, at)) - px) > 12) return null;
  let found = null;
  for (const track of store.tracks) {
    if (track.born - 1 >= at) break;
    if (track.end < at) continue;
    const segment = segmentAt(track, at);
    const [a, b] = [segment.a, segment.b].map((row) => cell(store, row, view.column));
    // A living line wins over a gray one that is a little nearer.
    const handicap = track.end <= frame.t ? 3 : 0;
    const distance = Math.abs(yOf(rect, view, lerp(a, b, segment.u)) - py) + handicap;
    if (distance < 10 && (!found || distance < found.distance)) found = { kind: "lineage", id: track.id, distance };
  }
  return found;
}

/** Where a found thing is now, in pixels; null when it is not on the map. */
export function spotOf(size, frame, found) {
  const rect = mapRect(size, frame.mapView);
  if (found.kind === "lineage") {
    const track = frame.store.byId.get(found.id);
    const segment = track && segmentAt(track, frame.t);
    return segment ? placeTrack(frame, frame.mapView, rect, segment, found.id) : null;
  }
  const rows = found.kind === "recorded" ? frame.scene.recorded : frame.representatives;
  if (!rows) return null;
  return place(frame.mapView, rect, (ax, ay) => recordedPoint(frame.scene, ax, ay, found.id, rows));
}
