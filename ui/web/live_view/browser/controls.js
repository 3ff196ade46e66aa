/** What the user does: play, seek, speed, axes, and the pointer. */

import { keyTarget } from "../../browser/pointer.js";
import { clamp } from "../../browser/numbers.js";
import { pickOnBoard } from "./board.js";
import { frameOf } from "./frames.js";
import { pickOnMap } from "./map.js";
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
    seek(view, Number(parts.slider.value));
  };
  parts.slider.onkeydown = (event) => {
    const ends = [firstGeneration(view.store), lastGeneration(view.store)];
    const t = keyTarget({ key: event.key }, Math.round(view.t), 1, ends);
    if (t === null) return;
    event.preventDefault();
    view.isPlaying = false;
    seek(view, clamp(t, ...ends));
  };
  for (const button of root.querySelectorAll("[data-speed]")) {
    button.onclick = () => {
      view.speed = Number(button.dataset.speed);
      for (const other of root.querySelectorAll("[data-speed]")) other.setAttribute("aria-pressed", other === button);
    };
  }
  parts["axis-x"].onchange = () => chooseAxis(view, "x", parts["axis-x"].value);
  parts["axis-y"].onchange = () => chooseAxis(view, "y", parts["axis-y"].value);
  parts.measure.onchange = () => {
    setMeasure(view, parts.measure.value);
    view.request();
  };
  root.onkeydown = (event) => {
    if (event.key !== "Escape") return;
    view.hover = null;
    choose(view, null);
    view.request();
  };
  wireSteering(view, view.request);
  wirePointer(view, parts.map, (x, y) => pickOnMap(view.mapSize, frameOf(view), view.spots, x, y));
  wirePointer(view, parts.board, (x, y) => pickOnBoard(view.boardSize, frameOf(view), x, y));
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

function chooseAxis(view, side, key) {
  const { mapView } = view;
  mapView.former = view.motion.matches || !mapView.dx
    ? null
    : { x: mapView.x, y: mapView.y, dx: [...mapView.dx], dy: [...mapView.dy] };
  mapView.blend = mapView.former ? 0 : 1;
  mapView[side] = view.axes.find((axis) => axis.key === key);
  mapView[`d${side}`] = null;
  view.rangesOf = -1;
  view.request();
}

export function setMeasure(view, name) {
  view.boardView.column = COLUMN[name];
  view.boardView.hasDirection = name === "score" || view.scene.is_higher_better !== null;
  view.boardView.dy = null;
  view.rangesOf = -1;
}
