/** The parts in the page: a plot per feature with its line to drag, box and lock; the head with its numbers. */

import { make, setText, typedField } from "../../browser/dom.js";
import { clamp, formatNumber, labelOf } from "../../browser/numbers.js";
import { follow, keyTarget } from "../../browser/pointer.js";
import { makeSvg } from "../../browser/svg.js";
import { allowed, placesOf, strideOf } from "./plots.js";

const OPEN = "M6 9V6.2a4 4 0 0 1 7.6-1.7M4.8 9h10.4v7.2H4.8z";
const SHUT = "M6 9V6.4a4 4 0 0 1 8 0V9M4.8 9h10.4v7.2H4.8z";
const [TITLES, LEAST_COLUMN, MAX_COLUMNS] = [132, 104, 8]; // pixels of a table of plots, and how many fit on a page

/** Build the plots of a scene; `actions` is what the user can do. */
export function buildPlots(view, actions) {
  const { scene, parts } = view;
  view.plots = scene.features.map((feature, j) => (feature.is_swept ? null : buildPlot(view, feature, j, actions)));
  const cells = view.plots.filter(Boolean).map((plot) => plot.root);
  view.curvePlot = scene.curve ? buildCurve(view) : null;
  view.titles = view.rows.length > 1 ? buildTitles(view) : null;
  const before = [view.curvePlot, view.titles].filter(Boolean).map((part) => part.root);
  parts.plots.replaceChildren(...before, ...cells);
  layOut(view);
  parts["key-recorded"].textContent = scene.is_measured
    ? "recorded rows, stronger where they are more like the setting"
    : "where recorded rows are, stronger where they are more like the setting";
  parts["key-doubt"].hidden = !scene.has_doubt;
  parts["key-level"].textContent = `likely range (${scene.level})`;
}

/** Names of the outcomes at the left of their rows of plots, with limits, and the place of the axes. */
function buildTitles({ rows }) {
  const canvas = make("canvas");
  const names = rows.map((row) => {
    const limits = row.limits.map(({ bound, is_low: isLow }) => make("div", { class: "bound", text: `${isLow ? "≥" : "≤"} ${plainText(bound)}` }));
    const name = make("div", { class: "outcome", text: row.name, title: labelOf(row) });
    return make("div", { class: "title" }, name, make("div", { class: "unit", text: row.unit }), ...limits);
  });
  const place = make("div", { class: "axes" }, canvas, ...names);
  return { root: make("div", { class: "titles" }, place), place, canvas, names, size: { width: 0, height: 0 } };
}

const plainText = (value) => String(Number(value.toPrecision(6))).replace("-", "−");

/** Several outcomes make a table, a row each with a column per feature, where that has room; else features stand apart. */
export function layOut(view) {
  const { root, parts, rows, plots } = view;
  const n = plots.filter(Boolean).length;
  const room = (parts.plots.clientWidth - TITLES) / Math.min(n, MAX_COLUMNS);
  view.isTable = rows.length > 1 && room >= LEAST_COLUMN;
  root.classList.toggle("is-table", view.isTable);
  root.classList.toggle("has-rows", rows.length > 1);
  const column = n > MAX_COLUMNS ? `${Math.floor(room) - 8}px` : "minmax(0, 1fr)";
  parts.plots.style.gridTemplateColumns = view.isTable ? `${TITLES}px repeat(${n}, ${column})` : "";
  const one = n > 3 ? 150 : 240;
  const height = rows.length === 1 ? one : rows.length * (rows.length > 3 ? 104 : 124) + (view.isTable ? 20 : 20 + 14 * rows.length);
  root.style.setProperty("--plot-height", `${height}px`);
  root.style.setProperty("--curve-height", `${rows.length === 1 ? one : 150}px`);
  if (!view.titles) return;
  view.titles.root.hidden = !view.isTable;
  const places = placesOf({ width: TITLES, height }, rows.length, true);
  view.titles.names.forEach((name, k) => Object.assign(name.style, { top: `${places[k].top - 2}px`, height: `${places[k].height + 4}px` }));
}

function buildPlot(view, feature, j, actions) {
  const name = make("h2", { text: feature.name, title: feature.name });
  const label = { "aria-label": labelOf(feature) };
  const box = feature.isChoice
    ? make("select", label, ...feature.categories.map((category, code) => new Option(category, code)))
    : make("input", { ...label, type: "number", step: "any", inputmode: "decimal" });
  const icon = makeSvg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, makeSvg("path"));
  const lock = make("button", { type: "button", class: "lock" }, icon);
  const canvas = make("canvas");
  const handle = make("div", {
    class: "handle", tabindex: 0, role: "slider", "aria-label": `Move ${feature.name}`,
    "aria-valuemin": feature.low, "aria-valuemax": feature.high,
  });
  const place = make("div", { class: "canvas" }, canvas, handle);
  const root = make("section", { class: "plot", "aria-label": feature.name }, make("header", {}, name, box, lock), place);
  const plot = { root, box, lock, canvas, handle, place, size: { width: 0, height: 0 }, ends: endsOf(feature, feature) };
  plot.write = typedField(box);
  box.onchange = () => {
    const value = feature.isChoice ? Number(box.value) : parseFloat(box.value);
    // What is typed may lie between steps, but not outside of the range.
    if (Number.isFinite(value)) actions.move(j, clamp(value, feature.low, feature.high), true);
    showValue(view, j);
  };
  box.onkeydown = (event) => event.stopPropagation();
  lock.onclick = () => actions.lock(j);
  handle.onkeydown = (event) => {
    const ends = [feature.low, feature.high];
    const value = keyTarget(event, view.values[j], strideOf(feature), ends, feature.isChoice ? 1 : 10);
    if (value === null) return;
    event.preventDefault();
    actions.move(j, allowed(feature, value), false);
  };
  handle.onkeyup = () => actions.rest();
  wireDrag(view, plot, feature, j, actions);
  return plot;
}

function buildCurve(view) {
  const { curve } = view.scene;
  const title = make("h2", { text: `${curve.outcome.name} over ${curve.name}` });
  const header = make("header", {}, title, make("span", { class: "unit", text: curve.outcome.unit }));
  const canvas = make("canvas", { role: "img" });
  const place = make("div", { class: "canvas" }, canvas);
  const root = make("section", { class: "plot curve" }, header, place);
  const [low, high] = [curve.grid[0], curve.grid[curve.grid.length - 1]];
  const ends = endsOf(view.scene.features[curve.feature], { low, high });
  return { root, canvas, place, size: { width: 0, height: 0 }, ends };
}

/** What stands at both ends of an axis; a category has its names there. */
function endsOf(feature, { low, high }) {
  return feature.isChoice ? ["", ""] : [valueText(feature, low), `${valueText(feature, high)} ${feature.unit}`];
}

function wireDrag(view, plot, feature, j, actions) {
  const { place } = plot;
  const moveTo = (event, isLast) => {
    const { left } = place.getBoundingClientRect();
    actions.move(j, allowed(feature, plot.frame.valueAt(event.clientX - left)), isLast);
  };
  place.onpointerdown = (event) => {
    if (event.button || view.locked.has(j) || !plot.frame) return;
    plot.handle.focus({ preventScroll: true });
    moveTo(event, false);
    follow(place, event, (moved) => moveTo(moved, false), (ended) => {
      if (ended.type === "pointerup") moveTo(ended, true);
      else actions.rest();
    });
  };
}

function valueText(feature, value) {
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
  plot.write(typed);
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
      const value = make("div", { class: "value" }, make("b"), " ", make("span"));
      cell = make("div", { class: "figure" }, make("div", { class: "name" }), value, make("ul"));
      head.append(cell);
    }
    cell.dataset.tone = figure.tone;
    cell.title = figure.help;
    setText(cell.querySelector(".name"), figure.name);
    setText(cell.querySelector("b"), figure.value);
    setText(cell.querySelector("span"), figure.unit);
    const list = cell.querySelector("ul");
    while (list.children.length > figure.notes.length) list.lastChild.remove();
    figure.notes.forEach((note, i) => setText(list.children[i] ?? list.appendChild(make("li")), note));
  });
}
