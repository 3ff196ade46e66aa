/** What is looked at: one row lights up everywhere, one result is chosen, a filter leaves out what it does not hold. */

import { make, placeTip, setText } from "../../browser/dom.js";
import { keepsBounds } from "./limits.js";

/** Light a row up wherever it is shown, or none. */
export function highlight(view, row) {
  if (view.highlighted === row) return;
  view.highlighted = row;
  mark(view);
}

/** Choose a result: here at once, and Python hears of it. */
export function choose(view, row) {
  const { kind, number, name } = view.rows[row] ?? {};
  if (kind !== "result") return;
  setText(view.parts.announcement, `${name} chosen. The card below says more of it.`);
  if (view.chosen === row) return;
  view.chosen = row;
  mark(view);
  view.send(number - 1);
}

/** The row that speaks where only one can: the highlighted one, else the chosen one. */
export const describedRow = (view) => view.highlighted ?? view.chosen;

/** Show on every element of a row how it stands. */
export function mark(view) {
  const { root, highlighted, chosen } = view;
  root.classList.toggle("has-highlight", highlighted !== null);
  Object.assign(root.dataset, { highlighted: highlighted === null ? "" : view.rows[highlighted].name, chosen: view.rows[chosen]?.name ?? "" });
  for (const element of root.querySelectorAll("[data-row]")) {
    const row = Number(element.dataset.row);
    element.classList.toggle("is-highlighted", row === highlighted);
    element.classList.toggle("is-chosen", row === chosen);
    element.classList.toggle("is-out", !isInside(view, view.rows[row].at));
    element.classList.toggle("is-beyond", !keepsBounds(view, view.rows[row].kept));
  }
  for (const button of root.querySelectorAll("button.pick")) {
    const isChosen = Number(button.dataset.row) === chosen;
    button.setAttribute("aria-pressed", String(isChosen));
    button.tabIndex = isChosen ? 0 : -1;
  }
  for (const follow of view.follow) follow(view);
}

/** Whether places on the axes lie within every brushed range. */
export function isInside(view, at) {
  for (const [k, range] of view.brushes) {
    const place = at[k];
    if (!Number.isFinite(place) || place < range[0] || place > range[1]) return false;
  }
  return true;
}

/** The place of point i of a cloud on axis k. */
export const levelOf = (cloud, k, i) => (cloud.levels[k][i] === null ? NaN : cloud.levels[k][i] / 1000);

export const positionsOf = (cloud, i) => cloud.levels.map((_, k) => levelOf(cloud, k, i));

/** Show a point of a cloud on the axes as well, or none. */
export function showPoint(view, point) {
  if (view.point?.cloud === point?.cloud && view.point?.i === point?.i) return;
  view.point = point;
  for (const follow of view.follow) follow(view);
}

/** Nothing is under the pointer any more. */
export function leave(view) {
  highlight(view, null);
  showPoint(view, null);
  tip(view, null);
}

/** The row whose part an event is on, or null. */
export function rowUnder(event) {
  const group = event.target.closest("[data-row]");
  return group ? Number(group.dataset.row) : null;
}

/** Words beside the pointer, or beside an element; nothing hides them. */
export function tip(view, lines, at) {
  const { tip: box } = view.parts;
  box.hidden = !lines;
  if (!lines) return;
  const [title, ...others] = lines;
  box.replaceChildren(make("strong", { text: title }), ...others.filter(Boolean).map((text) => make("span", { text })));
  placeTip(box, view.root, [at.x, at.y], 14, () => 16);
}
