/** The filter of the parallel coordinates: drag along an axis, or use the keys. */

import { choose, light, mark, tip } from "./linking.js";
import { draw } from "./dom.js";
import { lineY, showFilter } from "./coordinates.js";

const STEP = 0.02;

export function wireCoordinates(view) {
  const { svg } = view.pictures.coordinates;
  let drag = null;
  const placeAt = (event) => {
    const { rect } = view.coordinates;
    const box = svg.getBoundingClientRect();
    const k = Math.floor((event.clientY - box.top - rect.top) / rect.step);
    const place = (event.clientX - box.left - rect.left) / rect.width;
    return { k: Math.max(0, Math.min(view.axes.length - 1, k)), place: Math.max(0, Math.min(1, place)) };
  };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button === 0) drag = { ...placeAt(event), x: event.clientX, isBrush: false, row: rowUnder(event) };
  });
  svg.addEventListener("pointermove", (event) => {
    if (drag && Math.abs(event.clientX - drag.x) > 4) {
      drag.isBrush = true;
      svg.setPointerCapture(event.pointerId);
      const { place } = placeAt(event);
      setBrush(view, drag.k, [Math.min(drag.place, place), Math.max(drag.place, place)]);
    }
    if (drag?.isBrush) return;
    const row = rowUnder(event);
    light(view, row);
    const { k } = placeAt(event);
    const at = { x: event.clientX, y: event.clientY };
    tip(view, row === null ? null : [view.rows[row].name, `${view.axes[k].name}: ${valueOf(view, row, k)}`], at);
  });
  const end = (event) => {
    if (drag && !drag.isBrush && event.type === "pointerup") {
      if (drag.row !== null) choose(view, drag.row);
      else if (view.brushes.has(drag.k)) setBrush(view, drag.k, null);
    }
    drag = null;
  };
  svg.addEventListener("pointerup", end);
  svg.addEventListener("pointercancel", end);
  svg.addEventListener("pointerleave", () => {
    if (drag?.isBrush) return;
    light(view, null);
    tip(view, null);
  });
  svg.addEventListener("keydown", (event) => pressed(view, event));
  view.parts.clear.addEventListener("click", () => {
    view.brushes.clear();
    showBrushes(view);
  });
}

const rowUnder = (event) => {
  const group = event.target.closest("[data-row]");
  return group ? Number(group.dataset.row) : null;
};

function valueOf(view, row, k) {
  const { unit, categories } = view.axes[k];
  const text = view.rows[row].texts[k];
  return unit && !categories.length && text !== "–" ? `${text} ${unit}` : text;
}

/** A range of an axis, or none. */
export function setBrush(view, k, range) {
  if (range === null) view.brushes.delete(k);
  else view.brushes.set(k, range);
  showBrushes(view);
}

function showBrushes(view) {
  showFilter(view);
  showHandles(view);
  view.afterFilter();
  mark(view);
}

/** What the keyboard holds: one handle for each axis. */
export function showHandles(view) {
  const { rect, layers } = view.coordinates;
  const known = view.coordinates.handles;
  if (!known) {
    view.coordinates.handles = view.axes.map((axis, k) => draw("rect", {
      class: "handle", "data-axis": k, x: rect.left - 4, y: lineY(rect, k) - rect.step * 0.66, width: rect.width + 8,
      height: rect.step * 0.9, rx: 4, role: "slider", tabindex: k ? -1 : 0, "aria-valuemin": 0, "aria-valuemax": 100,
      "aria-label": `Filter by ${axis.name}`,
      "aria-description": "Right and left arrows move the low end, with Shift the high end; Escape clears; up and down go to the next axis.",
    }));
    layers.axes.prepend(...view.coordinates.handles);
  }
  view.coordinates.handles.forEach((handle, k) => {
    const range = view.brushes.get(k);
    handle.setAttribute("aria-valuenow", Math.round(100 * (range?.[0] ?? 0)));
    const words = range ? `${Math.round(100 * range[0])} to ${Math.round(100 * range[1])} % of the axis` : "no filter";
    handle.setAttribute("aria-valuetext", words);
  });
}

function pressed(view, event) {
  const k = Number(event.target.dataset?.axis ?? NaN);
  if (!Number.isFinite(k)) return;
  const step = { ArrowRight: STEP, ArrowLeft: -STEP }[event.key];
  const next = { ArrowDown: k + 1, ArrowUp: k - 1 }[event.key];
  if (step !== undefined) {
    const [low, high] = view.brushes.get(k) ?? [0, 1];
    const clip = (value, a, b) => Math.max(a, Math.min(b, value));
    const range = event.shiftKey ? [low, clip(high + step, low, 1)] : [clip(low + step, 0, high), high];
    setBrush(view, k, range[0] <= 0 && range[1] >= 1 ? null : range);
  } else if (event.key === "Escape") setBrush(view, k, null);
  else if (next !== undefined && view.coordinates.handles[next]) {
    view.coordinates.handles.forEach((handle, i) => handle.setAttribute("tabindex", i === next ? 0 : -1));
    view.coordinates.handles[next].focus();
  } else return;
  event.preventDefault();
}

