/** The profiler: what the user moves goes out, answers come in, and what is drawn glides from one to the next. */

import { drawPath, penOn } from "../../browser/canvas.js";
import { glide } from "../../browser/numbers.js";
import { readTheme } from "../../browser/theme.js";
import { animate, begin, partsOf, viewAt } from "../../browser/view.js";
import { buildPlots, layOut, showFigures, showValue } from "./parts.js";
import {
  decodeAnswer, decodeScene, distances, drawAxes, drawBand, drawChoices, drawDoubt, drawEnds, drawLimits, drawLine,
  drawMark, drawRecorded, drawSetting, drawTitle, frameOf, placesOf, profileOf,
} from "./plots.js";

const PAUSE = 50; // milliseconds at least between two questions
const ASK_AGAIN_AFTER = 2500; // milliseconds after which a question that nobody answered is asked again
const SPEAK_AFTER = 700; // milliseconds of rest before the prediction is read aloud
const GLIDE = 0.05; // seconds in which most of a change is shown

export default function profiler({ data, parentElement, setStateValue }) {
  const view = viewAt(parentElement, ".profiler", createView);
  view.send = (moved) => setStateValue("moved", moved);
  const end = begin(view);
  if (data) take(view, data);
  return end;
}

function createView(root) {
  const parts = partsOf(root);
  const view = {
    root, parts, scene: null, answer: null, values: [], locked: new Set(), times: null, number: 0, answered: -1,
    isAsking: false, isWaiting: false, askedAt: 0, timer: 0, speakTimer: 0, before: 0, rows: [], shownCurve: null,
    curveRange: [0, 1], plots: [], titles: null, curvePlot: null,
  };
  animate(view, [root], { draw, measure, timers: ["timer", "speakTimer"] });
  view.onStart = () => {
    view.theme = themeOf(root);
    root.style.setProperty("--doubt", view.theme.isDark ? "#f0894a" : "#b04a00");
    root.style.setProperty("--limit", view.theme.limit);
  };
  return view;
}

function themeOf(root) {
  const theme = readTheme(root);
  const thin = (colour, share) => `color-mix(in srgb, ${colour} ${100 * share}%, transparent)`;
  return {
    ...theme,
    limit: theme.isDark ? "#f0727a" : "#c62f3a",
    beyond: `rgba(220, 63, 69, ${theme.isDark ? 0.17 : 0.09})`,
    band: thin(theme.primary, theme.isDark ? 0.26 : 0.17),
    doubt: (share) => `rgba(213, 94, 0, ${share * (theme.isDark ? 1.5 : 1)})`,
  };
}

/** Take a message: a new scene, a setting that the page has set, or the answer to a question. */
function take(view, { scene, number, times, locked, answer }) {
  if (!view.scene || view.scene.id !== scene.id) {
    if (!scene.features) {
      send(view, ""); // the page believes that this browser has the scene
      return;
    }
    view.scene = decodeScene(scene);
    Object.assign(view, { times: null, shownCurve: null, answered: -1, isAsking: false, isWaiting: false });
    view.rows = view.scene.rows.map((row) => ({ ...row, shown: null, range: [...row.range], wanted: [...row.range] }));
    if (scene.curve) view.curveRange = [...scene.curve.range];
    buildPlots(view, actionsOf(view));
    measure(view);
  }
  if (view.times !== times) {
    Object.assign(view, { times, values: [...answer.setting], locked: new Set(locked), number, isAsking: false, isWaiting: false });
    view.values.forEach((_, j) => showValue(view, j));
  } else if (number < view.answered) return; // overtaken by a later answer
  if (number >= view.number) view.isAsking = false;
  view.answered = number;
  view.answer = decodeAnswer(answer, view.scene);
  view.rows.forEach((row, k) => {
    const { bands } = view.answer.rows[k];
    if (!row.shown || row.shown.length !== bands.length || view.motion.matches) row.shown = bands.slice();
  });
  if (!view.shownCurve || view.motion.matches) view.shownCurve = view.answer.curve.slice();
  widen(view);
  showFigures(view, answer.figures);
  describeCurve(view);
  showKey(view);
  clearTimeout(view.speakTimer);
  view.speakTimer = setTimeout(() => { view.parts.spoken.textContent = answer.words; }, SPEAK_AFTER);
  view.root.dataset.number = number;
  view.root.dataset.ready = String(!view.isAsking && !view.isWaiting);
  if (view.isWaiting) ask(view);
  view.request();
}

/** A range holds all that was ever seen: it grows and never shrinks, so that nothing jumps. */
function widen(view) {
  view.rows.forEach((row, k) => {
    const { wanted } = row;
    for (const value of view.answer.rows[k].bands) {
      if (value < wanted[0]) wanted[0] = value - 0.05 * (wanted[1] - value);
      if (value > wanted[1]) wanted[1] = value + 0.05 * (value - wanted[0]);
    }
    if (view.motion.matches) row.range = [...wanted];
  });
}

function actionsOf(view) {
  return {
    move: (j, value, isLast) => {
      if (view.locked.has(j)) return;
      const isNew = value !== view.values[j];
      view.values[j] = value;
      if (isNew) {
        showValue(view, j);
        view.request();
      }
      if (isNew || isLast) ask(view, isLast);
    },
    rest: () => ask(view, true),
    lock: (j) => {
      if (!view.locked.delete(j)) view.locked.add(j);
      showValue(view, j);
      view.request();
      ask(view, true);
    },
  };
}

/** Ask about the setting: one question at a time and not too often, but the last word at once. */
function ask(view, isLast = false) {
  const now = performance.now();
  const since = now - view.askedAt;
  view.isWaiting = true;
  view.root.dataset.ready = "false";
  clearTimeout(view.timer);
  const wait = isLast ? 0 : view.isAsking ? ASK_AGAIN_AFTER - since : PAUSE - since;
  if (wait > 0) {
    view.timer = setTimeout(() => ask(view, true), wait);
    return;
  }
  view.isWaiting = false;
  view.isAsking = true;
  view.askedAt = now;
  view.number += 1;
  send(view, view.scene.id);
  view.timer = setTimeout(() => view.isAsking && ask(view, true), ASK_AGAIN_AFTER);
}

function send(view, scene) {
  view.send({ number: view.number, times: view.times ?? -1, scene, values: [...view.values], locked: [...view.locked] });
}

function showKey(view) {
  const { parts, answer, scene } = view;
  const isSame = answer.start.setting.every((value, j) => value === scene.reference.setting[j]);
  parts["key-start"].parentElement.hidden = isSame;
  parts["key-start"].textContent = `start: ${answer.start.name}`;
  parts["key-reference"].textContent = `reference: ${scene.reference.name}`;
  parts["key-band"].hidden = !answer.rows.some((row) => row.has_band);
  parts["key-limit"].hidden = !view.rows.some((row) => row.limits.length);
  view.root.style.setProperty("--start", answer.start.colour || view.theme.label);
}

function describeCurve({ scene: { curve, reference }, answer, curvePlot }) {
  if (!curve) return;
  const [first, last] = [answer.curve[0], answer.curve[curve.grid.length - 1]].map((value) => value.toPrecision(3));
  const words = `${curve.outcome.name} from ${first} to ${last} ${curve.outcome.unit}, beside ${reference.name}`;
  curvePlot.canvas.setAttribute("aria-label", words);
}

function draw(view, now) {
  if (!view.answer || !view.scene) return;
  const dt = Math.min(0.1, (now - view.before) / 1000);
  view.before = now;
  const share = 1 - Math.exp(-dt / GLIDE);
  const { rows, curve } = view.answer;
  const gliding = view.rows.flatMap((row, k) => [[row.shown, rows[k].bands], [row.range, row.wanted]]);
  let isMoving = false;
  for (const [shown, wanted] of [...gliding, [view.shownCurve, curve]]) {
    isMoving = glide(shown, wanted, share, 1e-3 * (Math.abs(wanted[0]) || 1e-6)) || isMoving;
  }
  view.near = distances(view.scene, view.values);
  view.scene.features.forEach((feature, j) => view.plots[j] && drawPlot(view, feature, j));
  if (view.curvePlot) drawCurve(view);
  if (view.titles) drawTitles(view);
  if (isMoving) view.request();
}

/** Sizes are read when they change: reading them between two drawings would lay the page out anew each time. */
function measure(view) {
  if (view.scene) layOut(view);
  for (const plot of [...view.plots, view.titles, view.curvePlot]) {
    if (plot) plot.size = { width: plot.place.clientWidth, height: plot.place.clientHeight };
  }
}

/** The plots of a feature: one for each outcome, one below the other. */
function drawPlot(view, feature, j) {
  const { theme, scene, answer, rows, values } = view;
  const plot = view.plots[j];
  const pen = penOn(plot.canvas, plot.size);
  const places = placesOf(plot.size, rows.length, view.isTable);
  rows.forEach((row, k) => {
    const frame = frameOf(places[k], feature.low, feature.high, row.range, feature.isChoice);
    const isLast = k === rows.length - 1;
    const points = profileOf(feature, answer, row.shown, j);
    if (!feature.isChoice) drawDoubt(pen, theme, frame, points);
    drawLimits(pen, theme, frame, row.range, row.limits);
    drawAxes(pen, theme, frame, row.range, !view.isTable);
    if (isLast) drawEnds(pen, theme, frame, ...plot.ends);
    if (rows.length > 1 && !view.isTable) drawTitle(pen, theme, frame, row);
    drawTarget(view, pen, frame, row);
    drawRecorded(pen, theme, frame, scene, view.near, j, row);
    if (feature.isChoice) drawChoices(pen, theme, frame, feature, points, values[j], isLast);
    else {
      drawBand(pen, theme, frame, points);
      drawSetting(pen, theme, frame, points, values[j], view.locked.has(j));
    }
    plot.frame = frame;
  });
  drawMark(pen, plot.frame, answer.start.setting[j], answer.start.colour || theme.label, theme.background);
  drawMark(pen, plot.frame, scene.reference.setting[j], theme.text, theme.background);
  plot.handle.style.left = `${plot.frame.x(values[j])}px`;
}

/** The axes of a table of plots, at its left. */
function drawTitles(view) {
  const { theme, titles, rows } = view;
  const pen = penOn(titles.canvas, titles.size);
  if (!view.isTable) return;
  const places = placesOf(titles.size, rows.length, true);
  const at = { left: titles.size.width, right: titles.size.width, width: 0 };
  rows.forEach((row, k) => drawAxes(pen, theme, frameOf({ ...places[k], ...at }, 0, 1, row.range), row.range));
}

function drawTarget(view, pen, frame, { target, range }) {
  if (target === null || target < range[0] || target > range[1]) return;
  pen.strokeStyle = view.theme.axis;
  pen.lineWidth = 1;
  drawPath(pen, [[frame.left, frame.y(target)], [frame.right, frame.y(target)]]);
}

function drawCurve(view) {
  const { theme, scene, curvePlot } = view;
  const { curve } = scene;
  const pen = penOn(curvePlot.canvas, curvePlot.size);
  const n = curve.grid.length;
  const top = view.answer.curve.reduce((most, value) => (value > most ? value : most), view.curveRange[1]);
  view.curveRange[1] = top;
  const [place] = placesOf(curvePlot.size, 1, false);
  const frame = frameOf(place, curve.grid[0], curve.grid[n - 1], view.curveRange);
  drawAxes(pen, theme, frame, view.curveRange);
  drawEnds(pen, theme, frame, ...curvePlot.ends);
  drawRecorded(pen, theme, frame, scene, view.near, curve.feature, { ...view.rows[0], is_measured: true });
  const at = (values, x, i) => ({ x, y: values[i], low: values[n + i], high: values[2 * n + i] });
  drawLine(pen, frame, Array.from(curve.grid, (x, i) => ({ x, y: curve.reference[i] })), theme.text, 1.5);
  drawBand(pen, theme, frame, Array.from(curve.grid, (x, i) => at(view.shownCurve, x, i)));
}
