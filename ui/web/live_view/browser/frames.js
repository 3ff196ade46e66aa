/** Frames: the playhead moves, ranges glide, everything is drawn and told; then rest until something changes. */

import { penOn } from "../../browser/canvas.js";
import { placeTip, setText } from "../../browser/dom.js";
import { clamp, glide } from "../../browser/numbers.js";
import { rangeOf, turnToResults } from "./plots/axes.js";
import { boardRange, boardSpan, drawBoard, qualityOf } from "./plots/board.js";
import { climbAt, sliderAt } from "./plots/climb.js";
import { isColoured, rampWords } from "./plots/field.js";
import { drawFront, leadersAt, rangeOfGoal, spotOnFront } from "./plots/front.js";
import { drawMap, hasShapes, spotOf } from "./plots/map.js";
import { fillTip, sentenceOf, showNumbers, statusOf } from "./panel.js";
import { favouredAt, showSteering } from "./steer.js";
import { bestAt, countsAt, firstGeneration, lastGeneration, lastNumber, numberAt } from "./store.js";

const ICON = {
  play: "M6 4v12l10-6z",
  pause: "M5.5 4h3v12h-3zM11.5 4h3v12h-3z",
  replay: "M10 4.2a5.8 5.8 0 1 0 5.7 6.9h-2.1A3.8 3.8 0 1 1 10 6.2c1 0 1.9.4 2.6 1L10.3 9.5h6.2V3.3l-2.4 2.4A5.8 5.8 0 0 0 10 4.2z",
};

const SENTENCE_EVERY = 5000; // milliseconds between spoken sentences
const CLIMB_SECONDS = 3; // that the last phase takes, which is one generation
const FORMER = 0.4; // how strong signs of lineages are that ended on the way to a front: most were on it for a while
const LOOP_AFTER = 6000; // milliseconds that a demo rests at its end

export function measure(view) {
  for (const name of ["map", "board"]) {
    const box = view.parts[`${name}-box`];
    view[`${name}Size`] = { width: box.clientWidth, height: box.clientHeight };
  }
}

/** One frame; asks for the next one only while something moves. */
export function step(view, now) {
  // After a rest, or a hidden tab, time goes on where it stood.
  const dt = view.before ? Math.min((now - view.before) / 1000, 0.1) : 0;
  view.before = 0;
  if (!view.scene || document.hidden) return;
  if (!view.mapSize.width) measure(view);
  const isTicking = advance(view, dt);
  const isEasing = ease(view, view.motion.matches ? Infinity : dt);
  draw(view, isTicking);
  if (isTicking || isEasing) {
    view.before = now;
    view.goOn();
  }
}

/** Move the playhead; true while it has somewhere to go. */
function advance(view, dt) {
  const { store } = view;
  if (!view.hasStart) return false;
  const last = lastGeneration(store);
  const isReduced = view.motion.matches;
  if (view.isPlaying && view.t < last) {
    if (isReduced && !view.isShown) view.t = last;
    else if (isReduced) view.held = (view.held ?? 0) + dt * 3 * view.speed;
    else {
      const start = store.climb ? store.climb.at - 1 : Infinity;
      const wanted = wantedPace({ lag: last - view.t, nGenerations: last, speed: view.speed, isLive: !view.isFinal });
      view.pace += (wanted - view.pace) * (1 - Math.exp(-dt / 0.2)); // it never jumps
      if (view.t >= start) view.pace = view.speed / CLIMB_SECONDS;
      view.t = Math.min(view.t < start ? Math.min(start, last) : last, view.t + view.pace * dt);
      if (last - view.t < 0.02) view.t = last;
    }
    if (isReduced && view.held >= 1) {
      view.t = Math.min(last, Math.floor(view.t) + 1);
      view.held = 0;
    }
  }
  if (view.t >= last && view.isFinal) {
    turnToResults(view, view.isJoining && !view.isShown);
    if (view.isPlaying && view.isLooping && !isReduced) {
      clearTimeout(view.loopTimer);
      view.loopTimer = setTimeout(() => playAgain(view), LOOP_AFTER);
    }
    view.isShown = true;
    view.isPlaying = false;
  }
  if (view.t >= last) view.pace = 0;
  return view.isPlaying && view.t < last;
}

/** Begin a replay that nobody asked for, unless somebody moved the playhead meanwhile. */
function playAgain(view) {
  if (view.t < lastGeneration(view.store)) return;
  view.t = firstGeneration(view.store) - 1;
  view.pace = 0;
  view.isPlaying = true;
  view.request();
}

/** Let ranges, highlights and axes glide to where they belong; true while they are on their way. */
function ease(view, dt) {
  const { scene, store, mapView, boardView } = view;
  const version = store.version + (view.isFinal ? 0.5 : 0);
  if (view.rangesOf !== version) {
    view.rangesOf = version;
    view.wanted = {
      x: rangeOf(mapView.x, scene, store),
      y: rangeOf(mapView.y, scene, store),
      ...rangesOfBoard(view),
    };
  }
  const { wanted } = view;
  mapView.dx = mapView.dx ?? [...wanted.x];
  mapView.dy = mapView.dy ?? [...wanted.y];
  boardView.dx = boardView.dx ?? [...wanted.span];
  boardView.dy = boardView.dy ?? [...wanted.measure];
  // Components have no numbers beside them, so the map takes their room.
  const margins = [mapView.y.isComponent ? 2 : 46, mapView.x.isComponent ? 20 : 34];
  mapView.margins = mapView.margins ?? [...margins];
  const share = 1 - Math.exp(-dt / 0.16);
  let isMoving = false;
  for (const [shown, goal] of [
    [mapView.dx, wanted.x], [mapView.dy, wanted.y], [boardView.dx, wanted.span], [boardView.dy, wanted.measure],
    [mapView.margins, margins],
  ]) isMoving = glide(shown, goal, share, Math.abs(goal[1] - goal[0]) * 0.002) || isMoving;
  if (mapView.former) {
    mapView.blend = Math.min(1, mapView.blend + dt / 0.5);
    if (mapView.blend >= 1) mapView.former = null;
    else isMoving = true;
  }
  const id = view.hover?.kind === "lineage" ? view.hover.id : view.chosen;
  if (id !== null) view.focus = id;
  const fade = (value, goal, seconds) => value + clamp(goal - value, -dt / seconds, dt / seconds);
  view.dim = fade(view.dim, id !== null ? 1 : 0, 0.14);
  if (view.dim === 0 && id === null) view.focus = null;
  const isEnd = view.isFinal && view.t >= lastGeneration(store) ? 1 : 0;
  view.atEnd = fade(view.atEnd, isEnd, 0.4);
  return isMoving || view.dim !== (id !== null ? 1 : 0) || view.atEnd !== isEnd;
}

/** The ranges of the board: of a pair of goals, or of the generations and the measure. */
function rangesOfBoard({ scene, store, isFinal, boardView: { pair, column } }) {
  if (pair) return { span: rangeOfGoal(scene, store, pair.x), measure: rangeOfGoal(scene, store, pair.y) };
  return { span: boardSpan(store, { isFinal, budget: scene.budget }), measure: boardRange(scene, store, column) };
}

export function frameOf(view, isMoving = false) {
  const { scene, store, theme, t, focus, dim, atEnd, representatives, mapView, boardView } = view;
  const isFront = scene.goals.length > 0; // of several goals none is the best, some are on the front
  const leaders = isFront ? leadersAt(store, scene, t) : null;
  const best = view.hasStart && !isFront ? bestAt(store, t) : null;
  const quality = (row) => (isFront ? FORMER : qualityOf(store, boardView, row));
  const ratio = window.devicePixelRatio || 1;
  const marks = { focus, dim, atEnd, representatives, best, leaders, decisions: view.decisions, favoured: favouredAt(view) };
  const counts = view.hasStart ? countsAt(store, t) : null;
  const motion = { isMoving, isFlowing: !view.motion.matches };
  return { scene, store, theme, t, mapView, boardView, ...marks, ...motion, quality, ratio, counts, nLines: 0 };
}

function draw(view, isMoving) {
  const frame = frameOf(view, isMoving);
  const { parts, mapSize, boardSize } = view;
  view.spots = drawMap(penOn(parts.map, mapSize, frame.ratio), view.mapLayer, mapSize, frame);
  const pen = penOn(parts.board, boardSize, frame.ratio);
  if (view.scene.goals.length) view.frontSpots = drawFront(pen, view.boardLayer, boardSize, frame);
  else drawBoard(pen, view.boardLayer, boardSize, frame);
  showTip(view, frame);
  showState(view, frame);
  showSteering(view, frame);
}

function showState(view, frame) {
  const { parts, root, scene, store, digits, isFinal, isShown, isPlaying, t, state } = view;
  const last = lastGeneration(store);
  const first = firstGeneration(store);
  const has = store.numbers.length > 0;
  const isClimbing = has && t < last && climbAt(store, t) > 0;
  const playing = { isShown: isShown || !has, isPlaying: isPlaying && has, atNewest: t >= last, isClimbing, has };
  const status = statusOf({ state, isFinal, isHeld: view.isHeld, ...playing });
  const counts = showNumbers(view, frame);
  setText(parts.status, status.text);
  parts.status.dataset.status = status.name;

  parts.waiting.hidden = has;
  parts.waiting.classList.toggle("is-still", isFinal || state === "none");
  const words = { none: "Press Start search", queued: "Queued: starts when a place is free" };
  const wait = words[state] ?? "Warming up";
  if (!has) setText(parts["waiting-text"], isFinal ? "No generation was finished." : wait);
  const icon = isFinal && t >= last ? "replay" : isPlaying && has ? "pause" : "play";
  parts["play-icon"].setAttribute("d", ICON[icon]);
  parts.play.setAttribute("aria-label", { replay: "Replay", pause: "Pause", play: "Play" }[icon]);
  for (const name of ["play", "slider", "newest"]) parts[name].disabled = !has;
  parts.newest.classList.toggle("is-gone", !has || (isFinal && t >= last));
  const [place, end] = [sliderAt(store, t), sliderAt(store, last)];
  Object.assign(parts.slider, { min: first, max: Math.max(end, first + 1) });
  parts.slider.value = place;
  const share = clamp((place - first) / Math.max(1, end - first), 0, 1);
  parts.slider.style.setProperty("--share", `${100 * share}%`);
  parts.slider.setAttribute("aria-valuetext", isClimbing ? status.text : `generation ${counts.generation ?? 0} of ${lastNumber(store)}`);
  setText(parts["legend-outcome-text"], rampWords(view));
  parts["chosen-label"].hidden = !has || !scene.is_steerable;
  parts["measure-label"].hidden = !has || parts.measure.length < 2;
  parts["legend-outcome"].classList.toggle("is-plain", !isColoured(scene, view.mapView));
  parts["legend-results"].hidden = !view.representatives?.n;
  parts["legend-shape"].hidden = !hasShapes(frame);
  parts["legend-merged"].hidden = !has || !store.counts[last - 1][2];
  parts["legend-extinct"].hidden = !has || !store.counts[last - 1][1];
  parts["legend-climb"].hidden = !has || !store.climb;
  const isFront = scene.goals.length > 0;
  parts["legend-best"].hidden = !has || isFront;
  parts["legend-front"].hidden = !has || !isFront;
  parts["legend-broken"].hidden = !has || !store.nBroken;
  const sized = view.boardView.pair?.size ?? null;
  parts["legend-size"].hidden = !has || sized === null;
  if (sized !== null) setText(parts["legend-size-text"], `larger: more ${scene.goals[sized].name}`);
  parts["legend-dropped"].hidden = !counts.nDropped;
  parts["legend-more"].hidden = !frame.favoured.size;

  Object.assign(root.dataset, {
    state: state === "none" ? "none" : !has && !isFinal ? "waiting" : isFinal && (isShown || !has) ? "ended" : "live",
    run: scene.run_id,
    playing: isPlaying && has && t < last,
    generation: numberAt(store, t).toFixed(3),
    generations: lastNumber(store),
    drawn: store.numbers.length,
    living: counts.nLiving,
    extinct: counts.nExtinct,
    merged: counts.nMerged,
    dropped: counts.nDropped,
    climbing: isClimbing,
    front: frame.leaders ? frame.leaders.size : "",
    chosen: view.chosen ?? "",
    held: view.isHeld,
  });
  speak(view, frame, counts, status);
}

/** Say the state in a sentence: when the run or the playback changes, and now and then while it plays. */
function speak(view, frame, counts, status) {
  const now = performance.now();
  const news = `${status.text}, ${view.isPlaying}, ${counts.generation === null}`;
  const wait = view.spokenAt + (view.isPlaying ? SENTENCE_EVERY : 1000) - now;
  if (news === view.spokenNews && wait > 0) {
    // Where nothing moves any more, no later frame would say it.
    if (!view.isPlaying) {
      view.speakTimer ||= setTimeout(() => {
        view.speakTimer = 0;
        view.request();
      }, wait);
    }
    return;
  }
  const sentence = sentenceOf(view, frame, counts, status.text);
  view.spokenNews = news;
  view.spokenAt = now;
  setText(view.parts.summary, sentence);
  view.parts.map.setAttribute("aria-label", `Map of candidates. ${sentence}`);
}

function showTip(view, frame) {
  const { parts, root, hover } = view;
  parts.tip.hidden = !hover;
  if (!hover) return;
  const isOnMap = hover.canvas === parts.map;
  const isOnFront = !isOnMap && view.scene.goals.length > 0;
  const place = isOnMap ? spotOf(view.mapSize, frame, hover) : isOnFront && spotOnFront(view.boardSize, frame, hover);
  const spot = place || [hover.x, hover.y];
  fillTip(parts.tip, frame, view.digits, hover);
  const box = hover.canvas.getBoundingClientRect();
  placeTip(parts.tip, root, [box.left + spot[0], box.top + spot[1]], 16, (height) => -height / 2);
}

/**
 * The pace that is wanted now: 12 generations a second in a replay at 1x, or what takes 20 seconds for all.
 *
 * `lag` is the number of generations between the playhead and the newest one. Close to the newest generation the
 * pace falls with the lag, so that a slow run flows rather than stutters; far behind a fast run it rises, so that
 * the picture stays within a few seconds of the run. A backlog of 60 generations, as a run of two seconds leaves,
 * is no reason to hurry.
 */
function wantedPace({ lag, nGenerations, speed, isLive }) {
  const base = nGenerations <= 240 ? 12 : nGenerations / 20;
  const cap = speed * (isLive ? Math.max(base, (lag - 60) / 4) : base);
  return Math.min(cap, Math.max(lag / (isLive ? 0.6 : 0.3), 1.5));
}

/** Where the view starts when it is first given a run; `isJoining` when it did not see the run begin. */
export function startOf({ first, last, isFinal, isJoining, isReduced }) {
  if (isReduced) return last;
  // Opened after the run had ended: rest at the result, a replay is a click away.
  if (isFinal && isJoining) return last;
  // Opened in the middle of a long run: join it rather than run behind it.
  if (last - first > 150 && isJoining) return last - 12;
  return first - 1;
}
