/** The histogram of the recorded rows of a feature, and the window or the value that is set on it. */

import { make } from "../../browser/dom.js";
import { follow, keyTarget } from "../../browser/pointer.js";
import { makeSvg } from "../../browser/svg.js";
import { resolutionOf, showNumber, snapped } from "./fields.js";

const HEIGHT = 24; // of a histogram
const HALF = { low: -0.5, high: 0.5 }; // of the bar of a whole number, which belongs to the window as a whole

/** Handles are named after what they set: "low", "high" or "value". `onMove(set, isDone)` gets what a move sets. */
export function createPlot(feature, names, onMove) {
  const element = make("div", { class: "plot" });
  const bars = ["outside", "inside"].map((name) => drawBars(feature, name));
  const pane = make("div", { class: "pane", title: "Drag to move both ends" });
  const mark = make("i", { class: "mark", "aria-hidden": "true" });
  const handles = Object.entries(names).map(([key, label]) => {
    const words = { role: "slider", tabindex: "0", "aria-label": `${feature.name}: ${label}, handle` };
    return { key, part: make("div", { class: `handle ${key}`, ...words }) };
  });
  element.append(...bars, pane, mark, ...handles.map(({ part }) => part));
  const plot = { element, feature, bars, pane, mark, handles, onMove, now: null, low: 0, high: 1 };
  for (const handle of handles) wireHandle(plot, handle);
  if (names.low) wirePane(plot);
  else pane.hidden = true;
  plot.update = (now, reference) => update(plot, now, reference);
  return plot;
}

function drawBars(feature, name) {
  const { low, high, shares } = feature.bins;
  const svg = makeSvg("svg", { class: name, viewBox: `0 0 ${shares.length} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const most = Math.max(...shares, 1e-9);
  const path = shares.map((share, i) => {
    const height = share ? Math.max(1.2, (share / most) * (HEIGHT - 2)) : 0;
    return height ? `M${i + 0.06} ${HEIGHT}v${-height.toFixed(2)}h0.88v${height.toFixed(2)}z` : "";
  });
  svg.append(makeSvg("path", { d: path.join("") }));
  svg.dataset.low = low;
  svg.dataset.high = high;
  return svg;
}

function update(plot, now, reference) {
  const { feature, bars, pane, mark, handles } = plot;
  const numbers = handles.map(({ key }) => now[key]).filter(Number.isFinite);
  const seen = [feature.bins.low, feature.bins.high, ...numbers, ...(Number.isFinite(reference) ? [reference] : [])];
  if (!plot.isDragged) {
    plot.low = Math.min(...seen);
    plot.high = Math.max(...seen);
  }
  plot.now = now;
  const at = (value) => (100 * (value - plot.low)) / (plot.high - plot.low || 1);
  const ends = { low: now.low + edgeOf(feature, "low"), high: now.high + edgeOf(feature, "high") };
  const [from, to] = [feature.bins.low, feature.bins.high].map(at);
  for (const svg of bars) Object.assign(svg.style, { left: `${from}%`, width: `${to - from}%` });
  const isWindow = !pane.hidden && now.low <= now.high;
  const [left, right] = isWindow ? [at(ends.low), at(ends.high)] : [0, 0];
  Object.assign(pane.style, { left: `${left}%`, width: `${right - left}%` });
  const within = (value) => (100 * (value - from)) / (to - from || 1);
  bars[1].style.clipPath = isWindow ? `inset(0 ${100 - within(right)}% 0 ${within(left)}%)` : "inset(0 100% 0 0)";
  mark.hidden = !Number.isFinite(reference);
  mark.style.left = `${at(reference)}%`;
  for (const { key, part } of handles) {
    part.hidden = !Number.isFinite(now[key]);
    part.style.left = `${at(ends[key] ?? now[key])}%`;
    const [least, most] = endsOf(plot, key);
    part.setAttribute("aria-valuemin", showNumber(least));
    part.setAttribute("aria-valuemax", showNumber(most));
    part.setAttribute("aria-valuenow", showNumber(now[key]));
    part.setAttribute("aria-valuetext", `${showNumber(now[key])} ${feature.unit}`.trim());
  }
}

/** How far beyond the value an end of the window is drawn. */
const edgeOf = (feature, key) => (feature.is_integer ? (HALF[key] ?? 0) : 0);

/** Between which values a handle moves. */
function endsOf({ now, feature }, key) {
  const [first, last] = feature.recorded;
  const low = Number.isFinite(now.low) ? now.low : first;
  const high = Number.isFinite(now.high) ? now.high : last;
  if (key === "low") return [Math.min(first, low), high];
  if (key === "high") return [low, Math.max(last, high)];
  return [low, high];
}

function resolutionFor({ feature, now }) {
  return resolutionOf(feature.recorded[0], feature.recorded[1], now.step, feature.is_integer);
}

function wireHandle(plot, { key, part }) {
  part.onpointerdown = (event) => {
    part.focus();
    drag(plot, event, part, (value) => ({ [key]: snapped(value - edgeOf(plot.feature, key), resolutionFor(plot), ...endsOf(plot, key)) }));
  };
  part.onkeydown = (event) => {
    const ends = endsOf(plot, key);
    const wanted = keyTarget(event, plot.now[key], resolutionFor(plot), ends);
    if (wanted === null) return;
    event.preventDefault();
    plot.onMove({ [key]: snapped(wanted, resolutionFor(plot), ...ends) }, false);
  };
  part.onblur = () => plot.onMove({}, true);
}

/** Dragging the window moves both ends and keeps its width. */
function wirePane(plot) {
  plot.pane.onpointerdown = (event) => {
    const { low, high } = plot.now;
    const [least, most] = [endsOf(plot, "low")[0], endsOf(plot, "high")[1]];
    let begun = null;
    drag(plot, event, plot.pane, (value) => {
      begun ??= value;
      const start = snapped(low + value - begun, resolutionFor(plot), least, most - (high - low));
      return { low: start, high: Number((start + high - low).toPrecision(10)) };
    });
  };
}

function drag(plot, event, part, setOf) {
  if (event.button !== 0) return;
  event.preventDefault();
  plot.isDragged = true;
  const move = ({ clientX }) => {
    const box = plot.element.getBoundingClientRect();
    plot.onMove(setOf(plot.low + ((clientX - box.left) / box.width) * (plot.high - plot.low)), false);
  };
  follow(part, event, move, () => {
    plot.isDragged = false;
    plot.onMove({}, true);
  });
}
