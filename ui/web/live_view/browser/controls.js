/** What the user does: play, seek, speed, axes, and the pointer. */

import { keyTarget } from "../../browser/pointer.js";
import { clamp, labelOf } from "../../browser/numbers.js";
import { turnMap } from "./plots/axes.js";
import { pickOnBoard } from "./plots/board.js";
import { timeAt } from "./plots/climb.js";
import { frameOf } from "./frames.js";
import { pairsOf, pickOnFront } from "./plots/front.js";
import { pickOnMap } from "./plots/map.js";
import { choose, wireSteering } from "./steer.js";
import { COLUMN, firstGeneration, lastGeneration, numberAt } from "./store.js";

export function wire(view) {
  const { parts, root } = view;
  parts.play.onclick = () => {
    const isResting = view.t >= lastGeneration(view.store);
    if (view.isPlaying && !(view.isFinal && isResting)) view.isPlaying = false;
    else {
      if (view.isFinal && isResting) seek(view, firstGeneration(view.store) - 1);
      view.isPlaying = true;
      view.pace = 0;
    }
    root.dataset.playing = String(view.isPlaying);
    view.request();
  };
  parts.newest.onclick = () => {
    seek(view, lastGeneration(view.store));
    view.isPlaying = !view.isFinal;
  };
  parts.slider.oninput = () => {
    view.isPlaying = false;
    seek(view, timeAt(view.store, Number(parts.slider.value)));
  };
  parts.slider.onkeydown = (event) => {
    const ends = [firstGeneration(view.store), lastGeneration(view.store)];
    const t = keyTarget({ key: event.key }, Math.round(view.t), 1, ends);
    if (t === null) return;
    event.preventDefault();
    view.isPlaying = false;
    seek(view, clamp(t, ...ends));
  };
  parts.speed.onchange = () => { view.speed = Number(parts.speed.value); };
  for (const side of ["x", "y"]) {
    parts[`axis-${side}`].onchange = () => {
      view.hasChosenAxes = true;
      const shown = { x: view.mapView.x.key, y: view.mapView.y.key };
      turnMap(view, { ...shown, [side]: parts[`axis-${side}`].value });
      view.request();
    };
  }
  parts.help.onclick = () => view.askForHelp?.();
  // A menu goes as menus do: by a press elsewhere, and by Escape.
  root.addEventListener("pointerdown", (event) => {
    if (!event.composedPath().includes(parts.axes)) parts.axes.open = false;
  });
  parts.measure.onchange = () => {
    setMeasure(view, parts.measure.value);
    view.request();
  };
  root.onkeydown = (event) => {
    if (event.key !== "Escape") return;
    if (parts.axes.open) {
      parts.axes.open = false;
      parts.axes.querySelector("summary").focus();
      return;
    }
    view.hover = null;
    choose(view, null);
    view.request();
  };
  wireSteering(view, view.request);
  wirePointer(view, parts.map, (x, y) => pickOnMap(view.mapSize, frameOf(view), view.spots, x, y));
  wirePointer(view, parts.board, (x, y) => {
    if (view.scene.goals.length) return pickOnFront(view.boardSize, frameOf(view), view.frontSpots, x, y);
    return pickOnBoard(view.boardSize, frameOf(view), x, y);
  });
}

function wirePointer(view, canvas, pick) {
  const hover = (event) => {
    if (!view.scene) return;
    const found = view.mapView.dx ? pick(event.offsetX, event.offsetY) : null;
    view.hover = found && { ...found, canvas, x: event.offsetX, y: event.offsetY };
    canvas.style.cursor = found ? "pointer" : "default";
    view.request();
  };
  canvas.onpointermove = hover;
  canvas.onpointerdown = hover;
  canvas.onclick = (event) => {
    hover(event);
    choose(view, view.hover?.kind === "lineage" && view.scene.is_steerable ? view.hover.id : null);
  };
  canvas.onpointerleave = (event) => {
    // A finger leaves as soon as it is lifted: what it touched stays until the next touch.
    if (event.pointerType === "touch") return;
    view.hover = null;
    view.request();
  };
}

function seek(view, t) {
  view.t = t;
  view.root.dataset.generation = numberAt(view.store, t).toFixed(3);
  view.request();
}

/** Let the board tell scores, in the unit of the outcome where that is known, or outcomes; of several goals, a pair. */
export function setMeasure(view, name) {
  view.boardView.dx = view.boardView.dy = null;
  view.rangesOf = -1;
  if (view.scene.goals.length) {
    view.boardView.pair = pairsOf(view.scene)[Number(name)];
    return;
  }
  const { score_scale: scale, outcome, is_higher_better: isHigherBetter } = view.scene;
  const isScore = name === "score";
  view.boardView.column = COLUMN[name];
  view.boardView.factor = isScore && scale ? scale.factor : 1;
  view.boardView.label = labelOf({ name: nameOfMeasure(view.scene, name), unit: isScore && !scale ? "std. dev." : outcome.unit });
  view.boardView.hasDirection = isScore || isHigherBetter !== null;
}

/** What a measure of the board is called, in the list of them. */
export const shortMeasure = (scene, name) =>
  name === "outcome" ? "Outcome" : scene.is_penalised ? "After penalties" : nameOfMeasure(scene, name);

/** What a measure of the board is called. */
const nameOfMeasure = ({ score_scale: scale }, name) => (name === "score" ? scale?.name ?? "Score" : "Outcome");
