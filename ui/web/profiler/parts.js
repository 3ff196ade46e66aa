/** The parts in the page: a plot per feature with its line to drag, box and lock; the head with its numbers. */

import { formatNumber } from "../look.js";
import { allowed, strideOf } from "./data.js";

const OPEN = "M6 9V6.2a4 4 0 0 1 7.6-1.7M4.8 9h10.4v7.2H4.8z";
const SHUT = "M6 9V6.4a4 4 0 0 1 8 0V9M4.8 9h10.4v7.2H4.8z";

/** Build the plots of a scene; `act` is what the user can do. */
export function buildPlots(view, act) {
  const { scene, parts } = view;
  view.plots = scene.features.map((feature, j) => (feature.is_swept ? null : buildPlot(view, feature, j, act)));
  const cells = view.plots.filter(Boolean).map((plot) => plot.root);
  view.curvePlot = scene.curve ? buildCurve(view) : null;
  parts.plots.replaceChildren(...(view.curvePlot ? [view.curvePlot.root] : []), ...cells);
  view.root.style.setProperty("--plot-height", `${cells.length > 3 ? 150 : 240}px`);
  parts["key-recorded"].textContent = scene.is_measured
    ? "recorded rows, stronger where they are more like the setting"
    : "where recorded rows are, stronger where they are more like the setting";
  parts["key-doubt"].hidden = !scene.has_doubt;
  parts["key-level"].textContent = `interval (${scene.level})`;
}

function buildPlot(view, feature, j, act) {
  const root = make("section", { className: "plot" });
  root.setAttribute("aria-label", feature.name);
  const name = make("h2", { textContent: feature.name, title: feature.name });
  const box = feature.isChoice ? chooser(feature) : make("input", { type: "number", step: "any", inputMode: "decimal" });
  box.setAttribute("aria-label", labelOf(feature));
  const lock = make("button", { type: "button", className: "lock" });
  lock.innerHTML = '<svg viewBox="0 0 20 20" aria-hidden="true"><path></path></svg>';
  const header = make("header");
  header.append(name, box, lock);
  const place = make("div", { className: "canvas" });
  const canvas = make("canvas");
  const handle = make("div", { className: "handle", tabIndex: 0 });
  handle.setAttribute("role", "slider");
  handle.setAttribute("aria-label", `Move ${feature.name}`);
  handle.setAttribute("aria-valuemin", feature.low);
  handle.setAttribute("aria-valuemax", feature.high);
  place.append(canvas, handle);
  root.append(header, place);
  const plot = { root, box, lock, canvas, handle, place, size: { width: 0, height: 0 }, ends: endsOf(feature, feature) };
  box.onchange = () => {
    const value = feature.isChoice ? Number(box.value) : parseFloat(box.value);
    if (Number.isFinite(value)) act.move(j, isTyped(feature, value), true);
    showValue(view, j);
  };
  box.onkeydown = (event) => event.stopPropagation();
  lock.onclick = () => act.lock(j);
  handle.onkeydown = (event) => {
    const value = keyed(feature, view.values[j], event);
    if (value === null) return;
    event.preventDefault();
    act.move(j, allowed(feature, value), false);
  };
  handle.onkeyup = () => act.rest();
  wireDrag(view, plot, feature, j, act);
  return plot;
}

function chooser(feature) {
  const box = make("select");
  box.append(...feature.categories.map((category, code) => new Option(category, code)));
  return box;
}

/** What is typed may lie between steps, but not outside of the range. */
const isTyped = (feature, value) => Math.min(feature.high, Math.max(feature.low, value));

function buildCurve(view) {
  const { curve } = view.scene;
  const root = make("section", { className: "plot curve" });
  const title = make("h2", { textContent: `${curve.outcome.name} over ${curve.name}` });
  const header = make("header");
  header.append(title, make("span", { className: "unit", textContent: curve.outcome.unit }));
  const place = make("div", { className: "canvas" });
  const canvas = make("canvas");
  canvas.setAttribute("role", "img");
  place.append(canvas);
  root.append(header, place);
  const [low, high] = [curve.grid[0], curve.grid[curve.grid.length - 1]];
  const ends = endsOf(view.scene.features[curve.feature], { low, high });
  return { root, canvas, place, size: { width: 0, height: 0 }, ends };
}

/** What stands at both ends of an axis; a category has its names there. */
function endsOf(feature, { low, high }) {
  return feature.isChoice ? ["", ""] : [valueText(feature, low), `${valueText(feature, high)} ${feature.unit}`];
}

function wireDrag(view, plot, feature, j, act) {
  const { place } = plot;
  const follow = (event, isLast) => {
    const { left } = place.getBoundingClientRect();
    act.move(j, allowed(feature, plot.frame.valueAt(event.clientX - left)), isLast);
  };
  place.onpointerdown = (event) => {
    if (event.button || view.locked.has(j) || !plot.frame) return;
    place.setPointerCapture(event.pointerId);
    plot.isDragged = true;
    plot.handle.focus({ preventScroll: true });
    follow(event, false);
  };
  place.onpointermove = (event) => plot.isDragged && follow(event, false);
  place.onpointerup = (event) => {
    if (plot.isDragged) follow(event, true);
    plot.isDragged = false;
  };
  place.onpointercancel = () => {
    plot.isDragged = false;
    act.rest();
  };
}

function keyed(feature, value, event) {
  const stride = strideOf(feature);
  const far = feature.isChoice ? 1 : 10;
  const moves = {
    ArrowRight: stride, ArrowUp: stride, ArrowLeft: -stride, ArrowDown: -stride, PageUp: far * stride, PageDown: -far * stride,
  };
  if (event.key === "Home") return feature.low;
  if (event.key === "End") return feature.high;
  return event.key in moves ? value + moves[event.key] * (event.shiftKey ? far : 1) : null;
}

export function labelOf(feature) {
  return feature.unit ? `${feature.name} [${feature.unit}]` : feature.name;
}

export function valueText(feature, value) {
  return feature.isChoice ? feature.categories[value] ?? "–" : formatNumber(value, feature.decimals);
}

/** Show a feature's value in its box and to those who hear it, and its lock. */
export function showValue(view, j) {
  const plot = view.plots[j];
  if (!plot) return;
  const feature = view.scene.features[j];
  const value = view.values[j];
  const isLocked = view.locked.has(j);
  const text = valueText(feature, value);
  const typed = feature.isChoice ? String(value) : String(Number(value.toFixed(feature.decimals)));
  if (plot.box.value !== typed) plot.box.value = typed;
  plot.box.disabled = isLocked;
  plot.handle.setAttribute("aria-valuenow", value);
  plot.handle.setAttribute("aria-valuetext", `${text} ${feature.unit}`.trim());
  plot.handle.setAttribute("aria-disabled", isLocked);
  plot.root.classList.toggle("is-locked", isLocked);
  plot.lock.setAttribute("aria-pressed", isLocked);
  plot.lock.setAttribute("aria-label", `Lock ${feature.name}`);
  plot.lock.title = isLocked ? "Locked: stays where it is" : "Lock where it is";
  plot.lock.querySelector("path").setAttribute("d", isLocked ? SHUT : OPEN);
}

/** Show the numbers of the head; what is there already only changes its text. */
export function showFigures(view, figures) {
  const { head } = view.parts;
  while (head.children.length > figures.length) head.lastChild.remove();
  figures.forEach((figure, k) => {
    let cell = head.children[k];
    if (!cell) {
      cell = make("div", { className: "figure" });
      cell.innerHTML = '<div class="name"></div><div class="value"><b></b> <span></span></div><ul></ul>';
      head.append(cell);
    }
    cell.dataset.tone = figure.tone;
    cell.title = figure.help;
    write(cell.querySelector(".name"), figure.name);
    write(cell.querySelector("b"), figure.value);
    write(cell.querySelector("span"), figure.unit);
    const list = cell.querySelector("ul");
    while (list.children.length > figure.notes.length) list.lastChild.remove();
    figure.notes.forEach((note, i) => write(list.children[i] ?? list.appendChild(make("li")), note));
  });
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function make(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}
