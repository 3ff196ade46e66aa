/** What the user wants of lineages while the search goes on: one is chosen, dropped, or more like it are wanted. */

import { make, setText } from "../../browser/dom.js";
import { formatNumber, upperBound, withUnit } from "../../browser/numbers.js";
import { mapRect, placeTrack } from "./plots/axes.js";
import { fillTip } from "./panel.js";
import { COLUMN, cell, isGone, numberAt, presence, rowAt, segmentAt } from "./store.js";

const MAX_LISTED = 40; // of the living lineages, and of those that went extinct
const LIST_EVERY = 500; // milliseconds
const LOST_AFTER = 6000; // milliseconds until a decision that was not heard of counts as lost
const WORDS = { drop: "Dropping …", more: "Looking for more …", hold: "Pausing …", resume: "Resuming …" };

/** Choose a lineage to look at, or null for none; its card stands in the corner of the map that it is not in. */
export function choose(view, id) {
  view.chosen = id !== null && view.store?.byId.has(id) ? id : null;
  view.listedAt = 0;
  const track = view.chosen === null ? null : view.store.byId.get(view.chosen);
  const segment = track && view.mapView.dx && segmentAt(track, view.t);
  const [x] = segment ? placeTrack(view, mapRect(view.mapSize, view.mapView), segment, id) : [0];
  view.parts.card.classList.toggle("is-left", x > view.mapSize.width / 2);
}

/** Ask something of the search, once. */
function ask(view, kind, lineage = null) {
  view.pending = { kind, lineage, since: performance.now() };
  view.steer?.({ kind, lineage });
}

export function wireSteering(view, redraw) {
  const { parts } = view;
  const act = (button, todo) => {
    button.onclick = () => {
      todo();
      redraw();
    };
  };
  act(parts.drop, () => ask(view, "drop", view.chosen));
  act(parts.more, () => ask(view, "more", view.chosen));
  act(parts.hold, () => ask(view, view.isHeld ? "resume" : "hold"));
  act(parts.unchoose, () => {
    choose(view, null);
    parts.chosen.focus();
  });
  parts.chosen.onchange = () => {
    choose(view, parts.chosen.value === "" ? null : Number(parts.chosen.value));
    redraw();
  };
}

/** What was decided about a lineage: {drop, more}, the generations after which. */
function decidedOn(view, id) {
  const found = {};
  for (const [after, kind, lineage] of view.decisions ?? []) if (lineage === id) found[kind] ??= after;
  return found;
}

/** Lineages that the user wants more of, by time t. */
export function favouredAt(view) {
  const number = numberAt(view.store, view.t);
  const wanted = (view.decisions ?? []).filter(([after, kind]) => kind === "more" && after < number);
  return new Set(wanted.map(([, , id]) => id));
}

/** Bring card, list and buttons up to date with a frame. */
export function showSteering(view, frame) {
  const { parts, store } = view;
  const track = view.chosen === null ? null : store.byId.get(view.chosen);
  const isThere = Boolean(track) && track.born - 1 < frame.t;
  forgetPending(view);
  listLineages(view, frame);
  parts.hold.hidden = !view.scene.is_steerable;
  parts.hold.classList.toggle("is-gone", !view.isOpen);
  parts.hold.disabled = !view.isOpen || Boolean(view.pending);
  const isWaiting = ["hold", "resume"].includes(view.pending?.kind);
  setText(parts.hold, isWaiting ? WORDS[view.pending.kind] : view.isHeld ? "Resume search" : "Pause search");
  parts.card.hidden = !isThere;
  if (!isThere) return;
  const decided = decidedOn(view, track.id);
  const key = [rowAt(track, frame.t), frame.t >= track.end, frame.t >= track.dropped, view.decisions?.length].join();
  if (view.cardKey !== `${track.id}:${key}`) fillTip(parts["card-text"], frame, view.digits, { kind: "lineage", id: track.id });
  view.cardKey = `${track.id}:${key}`;
  const isOver = isGone(store, track) || "drop" in decided; // of a merged one, what is decided holds for its hill
  for (const [kind, button] of [["drop", parts.drop], ["more", parts.more]]) {
    button.classList.toggle("is-gone", !view.isOpen);
    button.disabled = !view.isOpen || isOver || kind in decided || Boolean(view.pending);
  }
  const isPending = view.pending && view.pending.lineage === track.id;
  setText(parts["card-note"], isPending ? WORDS[view.pending.kind] : noteOf(decided));
}

function noteOf({ drop, more }) {
  const words = [];
  if (drop !== undefined) words.push(`Dropped by you after generation ${formatNumber(drop, 0)}`);
  if (more !== undefined) words.push(`More of these since generation ${formatNumber(more, 0)}`);
  return words.join(". ");
}

/** A decision waits until the trace tells of it, a pause until the run says so; neither waits for ever. */
function forgetPending(view) {
  const { pending } = view;
  if (!pending) return;
  const isHeard = pending.lineage === null
    ? view.isHeld === (pending.kind === "hold")
    : pending.kind in decidedOn(view, pending.lineage);
  if (isHeard || !view.isOpen || performance.now() - pending.since > LOST_AFTER) view.pending = null;
}

/** The list of lineages, best first, the living before the extinct; it stays as it is while somebody reads it. */
function listLineages(view, frame) {
  const { parts, store } = view;
  const now = performance.now();
  const key = [store.version, Math.floor(frame.t + 1e-6), view.chosen].join();
  const isRead = view.root.getRootNode().activeElement === parts.chosen && view.chosen === null && view.listedAt > 0;
  if (key === view.listKey || isRead || (frame.isMoving && now - view.listedAt < LIST_EVERY)) return;
  view.listKey = key;
  view.listedAt = now;
  const born = store.tracks.slice(0, upperBound(store.tracks, frame.t, (track) => track.born - 1));
  const shown = born.filter((track) => !isGone(store, track));
  const isAlive = (track) => track.end > frame.t && presence(track, frame.t) > 0;
  const left = shown.filter((track) => track.end <= frame.t && !track.isMerged);
  const groups = [["Living", shown.filter(isAlive)], ["Extinct", left]].map(([label, tracks]) => {
    return make("optgroup", { label }, ...best(tracks, frame).map((track) => option(track, frame, view.digits)));
  });
  const chosen = view.chosen === null ? null : store.byId.get(view.chosen);
  const isListed = groups.some((group) => [...group.children].some(({ value }) => Number(value) === view.chosen));
  const others = chosen && !isListed ? [option(chosen, frame, view.digits)] : [];
  parts.chosen.replaceChildren(new Option("Look at …", ""), ...others, ...groups.filter((group) => group.children.length));
  parts.chosen.value = view.chosen === null ? "" : String(view.chosen);
}

function best(tracks, { store, t }) {
  const scored = tracks.map((track) => [cell(store, rowAt(track, t), COLUMN.score), track]);
  return scored.sort(([a], [b]) => a - b).slice(0, MAX_LISTED).map(([, track]) => track);
}

function option(track, { scene, store, t }, digits) {
  const outcome = formatNumber(cell(store, rowAt(track, t), COLUMN.outcome), digits.outcome);
  return new Option(`Lineage ${track.id}: ${withUnit(outcome, scene.outcome.unit)}`, String(track.id));
}
