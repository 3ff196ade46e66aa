/** The component: one view per place on the page, kept through reruns; its life, and what arrives. */

import { sizeCanvas } from "../../browser/canvas.js";
import { decode, decodeLevels } from "../../browser/decode.js";
import { readTheme } from "../../browser/theme.js";
import { animate, begin, partsOf, viewAt } from "../../browser/view.js";
import { defaultAxes, listAxes } from "./plots/axes.js";
import { takeClimb } from "./plots/climb.js";
import { shortMeasure, setMeasure, wire } from "./controls.js";
import { rampOf } from "./plots/field.js";
import { measure, startOf, step } from "./frames.js";
import { digitsOf, showGoals } from "./panel.js";
import { pairsOf } from "./plots/front.js";
import {
  createStore, firstGeneration, isBetter, lastGeneration, lastNumber, merge, numberAt, timeOf,
} from "./store.js";

const ASK_EVERY = 2000; // milliseconds between questions for what is missing
const MAX_ROWS = 40000; // beyond, the run is asked for once more, with less detail
const MAX_DRAWN = 2500; // generations, likewise
const TALL = 580; // pixels in which map and board stand one below the other where it is narrow

export default function liveView({ data, parentElement, setTriggerValue }) {
  const view = viewAt(parentElement, ".live-view", createView);
  view.ask = (number) => setTriggerValue("resend", [number]);
  view.steer = (wanted) => setTriggerValue("steer", wanted);
  view.askForHelp = () => setTriggerValue("help", true);
  const end = begin(view);
  if (data) take(view, data);
  return end;
}

function createView(root) {
  const parts = partsOf(root);
  const view = {
    root, parts, scene: null, store: null, state: "queued", isFinal: false, speed: 1, isJoining: true, isLooping: false,
    hasChosenAxes: false,
    askTimer: 0, speakTimer: 0, loopTimer: 0, before: 0, spots: [], spokenAt: 0, theme: null,
    mapSize: { width: 0, height: 0 }, boardSize: { width: 0, height: 0 },
    mapLayer: createLayer(), boardLayer: createLayer(),
    mapView: null, boardView: null, ...atStart(),
  };
  const timers = ["askTimer", "speakTimer", "loopTimer"];
  animate(view, [parts["map-box"], parts["board-box"]], { draw: step, measure, timers });
  view.onStart = () => {
    view.theme = readTheme(root);
    root.style.setProperty("--ramp", rampOf(view.theme.isDark));
    showLegendColours(view);
  };
  wire(view);
  return view;
}

/** What every run begins with. */
const atStart = () => ({
  representatives: null, isPlaying: true, isShown: false, hasStart: false, t: 0, pace: 0,
  resultAxes: null, endNote: "", hover: null, focus: null, dim: 0, atEnd: 0, rangesOf: -1,
  chosen: null, decisions: [], isOpen: false, isHeld: false, pending: null, listedAt: 0, listKey: "", cardKey: "",
});

/** A canvas in the background that remembers how many items it holds. */
function createLayer() {
  const canvas = document.createElement("canvas");
  const layer = { count: 0, key: "" };
  layer.begin = (key, n, size, ratio) => {
    const pen = canvas.getContext("2d");
    if (key !== layer.key || n < layer.count) {
      canvas.width = 0; // empties it
      sizeCanvas(canvas, size, ratio);
      layer.key = key;
      layer.count = 0;
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    layer.paint = (context) => context.drawImage(canvas, 0, 0, size.width, size.height);
    return pen;
  };
  return layer;
}

function take(view, { scene, progress, height, is_looping: isLooping, has_help: hasHelp }) {
  view.isLooping = isLooping;
  view.root.style.setProperty("--height", `${height}px`);
  view.parts.pane.classList.toggle("is-tall", height >= TALL);
  view.parts.help.hidden = !hasHelp;
  if (!view.scene || view.scene.run_id !== scene.run_id) {
    if (!scene.recorded) {
      if (!view.askTimer) askForMore(view, () => 0, 5);
      return;
    }
    reset(view, scene);
  }
  if (isBetter(view.store, progress)) beginAnew(view, scene);
  if (merge(view.store, progress)) {
    if (progress.climb) takeClimb(view.store, decode(progress.climb), progress.width);
    clearTimeout(view.askTimer);
    view.askTimer = 0;
    view.afterMerge?.();
    view.afterMerge = null;
    view.state = progress.state;
    view.decisions = progress.decisions;
    view.isOpen = progress.is_open;
    view.isHeld = progress.is_held;
    view.isFinal = progress.is_final;
    const [width, values] = [scene.features.length + 3 + scene.goals.length, decode(progress.representatives ?? "")];
    const colours = progress.result_colours ?? [];
    view.representatives = values.length ? { n: values.length / width, width, values, colours } : null;
    view.resultAxes = progress.axes ?? view.resultAxes;
    view.endNote = progress.end_note;
    if (progress.is_new || (!view.store.numbers.length && !view.isFinal)) view.isJoining = false;
  } else if (!view.askTimer) {
    // A run is not over before its last generation is here, so nothing else is taken from this message.
    askForMore(view, () => lastNumber(view.store), 5);
  }
  const isLarge = view.store.nRows > MAX_ROWS || view.store.numbers.length > MAX_DRAWN;
  if (isLarge && !view.askTimer && !view.isFinal) askForMore(view, () => 0, 1);
  if (!view.hasStart && view.store.numbers.length) {
    const first = firstGeneration(view.store);
    const last = lastGeneration(view.store);
    const isReduced = view.motion.matches;
    view.t = startOf({ first, last, isFinal: view.isFinal, isJoining: view.isJoining, isReduced });
    view.hasStart = true;
  }
  view.request();
}

/** Ask for what follows a generation, 0 for the whole run, and once more when no answer comes. */
function askForMore(view, known, nTries) {
  view.ask(known());
  view.askTimer = nTries > 1 ? setTimeout(() => askForMore(view, known, nTries - 1), ASK_EVERY) : 0;
}

const storeOf = ({ features, goals, broken_from: brokenFrom }) => createStore(features.length, { nGoals: goals.length, brokenFrom });

/** Make room for the same run told anew; what is seen stays the same generation. */
function beginAnew(view, scene) {
  const number = numberAt(view.store, view.t);
  const isResting = view.t >= lastGeneration(view.store);
  const former = view.store;
  view.store = storeOf(scene);
  view.mapLayer.key = view.boardLayer.key = "";
  view.rangesOf = -1;
  if (!former.numbers.length) return;
  view.store.version = former.version + 1;
  view.afterMerge = () => {
    view.t = isResting && view.isFinal && view.isShown ? lastGeneration(view.store) : timeOf(view.store, number);
  };
}

/** Begin with a new run: nothing of the former one stays but the user's speed. */
function reset(view, scene) {
  view.isJoining = true;
  view.scene = {
    ...scene,
    recorded: { ...decodeLevels(scene.recorded), low: scene.recorded.low, high: scene.recorded.high },
    line: scene.line && { ...scene.line, x: decode(scene.line.x), y: decode(scene.line.y) },
  };
  view.store = storeOf(scene);
  view.digits = digitsOf(view.scene);
  Object.assign(view, atStart());
  view.mapLayer.key = view.boardLayer.key = "";
  const axes = listAxes(view.scene);
  const isSameMap = view.axes?.map(({ label }) => label).join() === axes.map(({ label }) => label).join();
  const { x, y } = isSameMap && view.hasChosenAxes ? { x: view.mapView.x.key, y: view.mapView.y.key } : defaultAxes(view.scene, axes);
  view.axes = axes;
  view.hasChosenAxes &&= isSameMap;
  for (const [role, chosen] of [["axis-x", x], ["axis-y", y]]) {
    view.parts[role].replaceChildren(...axes.map(({ key, name }) => new Option(name, key, false, key === chosen)));
  }
  const byKey = (key) => axes.find((axis) => axis.key === key);
  view.mapView = { x: byKey(x), y: byKey(y), dx: null, dy: null, margins: null, former: null, blend: 1, field: {} };
  const { density, goals, is_higher_better: direction, is_penalised: isPenalised } = view.scene;
  // Outcomes that only a weird candidate reaches would lead the board: with penalties, what they leave speaks first.
  const measures = isPenalised || direction === null ? ["score", "outcome"] : ["outcome"];
  const options = goals.length
    ? pairsOf(scene).map(({ x, y }, k) => new Option(`${goals[x].name}, ${goals[y].name}`, k))
    : measures.map((name) => new Option(shortMeasure(view.scene, name), name));
  view.parts.measure.replaceChildren(...options);
  view.parts.measure.setAttribute("aria-label", goals.length ? "Goals on the axes" : "Measure of the lineages");
  view.boardView = { dx: null, dy: null, column: 0, hasDirection: true };
  setMeasure(view, options[0].value);
  const [title, label] = goals.length ? ["Front", "Front of the goals"] : ["Lineages", "Lineages over generations"];
  view.parts["board-title"].textContent = title;
  view.parts["board-panel"].setAttribute("aria-label", label);
  view.parts["board-panel"].classList.toggle("is-front", goals.length > 0);
  view.parts["density-block"].hidden = !density || goals.length > 0;
  showGoals(view);
  view.parts["legend-curve"].hidden = !view.scene.line;
  view.parts.outcome.parentElement.title = view.scene.outcome.name;
}

function showLegendColours(view) {
  const { style } = view.root;
  view.theme.cycle.slice(0, 3).forEach((colour, i) => style.setProperty(`--cycle-${i}`, colour));
  style.setProperty("--recorded", view.theme.recorded);
  style.setProperty("--extinct", view.theme.extinct(0.5));
  style.setProperty("--curve", view.theme.curve);
}
