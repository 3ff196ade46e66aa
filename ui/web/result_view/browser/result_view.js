/** The component: one view per place on the page, kept through reruns; what arrives, and when it is drawn. */

import { setText } from "../../browser/dom.js";
import { labelOf } from "../../browser/numbers.js";
import { begin, partsOf, viewAt } from "../../browser/view.js";
import { followCoordinates, showCoordinates, showFilter, showHandles, wireCoordinates } from "./coordinates.js";
import { fillFrontChoices, followFront, showFront, wireFront } from "./front.js";
import { followCurves, showCurves, wireCurves } from "./curves.js";
import { showLimits, wireLimits } from "./limits.js";
import { mark } from "./linking.js";
import { fillMapChoices, followMap, showMap, wireMap } from "./map.js";
import { showLab, showTable, wireTable } from "./table.js";

export default function resultView({ data, parentElement, setTriggerValue }) {
  const view = viewAt(parentElement, ".result-view", createView);
  view.send = (place) => setTriggerValue("chosen", [place]);
  view.act = (name, place) => setTriggerValue("act", [name, place]);
  view.search = (bounds) => setTriggerValue("limits", bounds);
  const end = begin(view);
  if (data) take(view, data);
  return end;
}

function createView(root) {
  const parts = partsOf(root);
  const plots = {};
  for (const name of ["coordinates", "front", "map", "curves"]) plots[name] = { svg: parts[name], width: 0, height: 0, font: "" };
  const view = {
    root, parts, plots, data: null, shown: "", table: null, rows: [], axes: [], goal: "maximum",
    sort: { column: null, isDown: false }, highlighted: null, chosen: null, point: null, brushes: new Map(),
    showsFrozen: false, showsRecorded: false, lab: [], mapChoice: null, bounds: [], frontChoice: null, frontSpots: null,
    follow: [followCoordinates, followCurves, followFront, followMap], spots: null,
  };
  const resize = new ResizeObserver(() => {
    if (measured(view)) showPlots(view);
  });
  view.start = () => {
    for (const name of Object.keys(plots)) resize.observe(parts[`${name}-box`]);
  };
  view.stop = () => resize.disconnect();
  view.afterTable = () => mark(view);
  view.afterFilter = () => view.data.map && showMap(view);
  view.afterLimits = () => {
    if (view.data.front && plots.front.width) showFront(view);
    mark(view);
  };
  wireTable(view);
  wireFront(view);
  wireLimits(view);
  wireCoordinates(view);
  wireMap(view);
  wireCurves(view);
  return view;
}

/** Note how large the plots are; true where that is new. */
function measured(view) {
  let isNew = false;
  const font = getComputedStyle(view.root).fontFamily;
  for (const [name, plot] of Object.entries(view.plots)) {
    const box = view.parts[`${name}-box`];
    const now = { width: Math.floor(box.clientWidth), height: Math.floor(box.clientHeight), font };
    isNew = isNew || now.width !== plot.width || now.height !== plot.height || now.font !== plot.font;
    Object.assign(plot, now);
  }
  return isNew;
}

function take(view, { chosen, lab = [], ...data }) {
  const shown = JSON.stringify(data);
  const isNew = shown !== view.shown;
  const place = data.table.rows.findIndex(({ number }) => number === chosen + 1);
  view.chosen = place < 0 ? null : place;
  view.lab = lab;
  const hadFocus = view.parts.body.contains(view.root.getRootNode().activeElement);
  if (isNew) {
    const names = (axes) => axes.map(labelOf).join();
    if (names(data.axes) !== names(view.axes)) view.brushes.clear();
    Object.assign(view, { shown, data, table: data.table, rows: data.table.rows, axes: data.axes, goal: data.goal });
    Object.assign(view, { highlighted: null, point: null });
    if (view.sort.column !== null && view.sort.column >= data.table.columns.length) view.sort = { column: null, isDown: false };
    view.reference = data.table.rows.find(({ kind }) => kind === "reference")?.name ?? "";
    view.frontSpots = view.spots = null;
    showLimits(view);
    showTable(view);
    showPanels(view);
    measured(view);
    showPlots(view);
  }
  showLab(view);
  mark(view);
  // the button that left a result out went with its row
  if (isNew && hadFocus) view.parts.body.querySelector('.pick[tabindex="0"]')?.focus();
}

/** Make room for what there is. */
function showPanels(view) {
  const { parts, data, axes, rows, reference } = view;
  parts.panels.hidden = parts.below.hidden = !axes.length;
  parts["front-panel"].hidden = !data.front;
  parts["map-panel"].hidden = !data.map;
  parts["curves-panel"].hidden = !data.curves;
  parts.panels.dataset.n = String(1 + Boolean(data.front) + Boolean(data.map) + Boolean(data.curves));
  view.root.style.setProperty("--panel", `${Math.max(300, Math.min(440, 36 * axes.length + 56))}px`);
  parts["legend-reference"].textContent = reference ? `reference: ${reference}` : "no reference";
  parts["legend-recorded"].hidden = !rows.some(({ kind }) => kind === "recorded");
  parts["legend-front"].hidden = !data.front;
  parts["legend-band"].hidden = !rows.some(({ low }) => low);
  parts["legend-cloud"].hidden = parts["legend-archive"].hidden = !data.map;
  if (data.curves) setText(parts["curves-title"], `${data.curves.outcome} over ${data.curves.name}`);
}

function showPlots(view) {
  const { data, plots } = view;
  if (!data?.axes.length || !plots.coordinates.width) return;
  showCoordinates(view);
  showFilter(view);
  showHandles(view);
  if (data.front && plots.front.width) {
    fillFrontChoices(view);
    showFront(view);
  }
  if (data.map && plots.map.width) {
    fillMapChoices(view);
    showMap(view);
  }
  if (data.curves && plots.curves.width) showCurves(view);
  mark(view);
}
