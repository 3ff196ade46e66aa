/** What is looked at: one row lights up everywhere, one result is chosen, a filter leaves out what it does not hold. */

import { says } from "./dom.js";

/** Light a row up wherever it is shown, or none. */
export function light(view, row) {
  if (view.lit === row) return;
  view.lit = row;
  mark(view);
}

/** Choose a result: here at once, and Python hears of it. */
export function choose(view, row) {
  const { kind, number, name } = view.rows[row] ?? {};
  if (kind !== "result") return;
  says(view.parts.said, `${name} chosen. The card below says more of it.`);
  if (view.chosen === row) return;
  view.chosen = row;
  mark(view);
  view.tell(number - 1);
}

/** The row that speaks where only one can: the lit one, else the chosen one. */
export const speaker = (view) => view.lit ?? view.chosen;

/** Show on every element of a row how it stands. */
export function mark(view) {
  const { root, lit, chosen } = view;
  root.classList.toggle("has-lit", lit !== null);
  Object.assign(root.dataset, { lit: lit === null ? "" : view.rows[lit].name, chosen: view.rows[chosen]?.name ?? "" });
  for (const element of root.querySelectorAll("[data-row]")) {
    const row = Number(element.dataset.row);
    element.classList.toggle("is-lit", row === lit);
    element.classList.toggle("is-chosen", row === chosen);
    element.classList.toggle("is-out", !isInside(view, view.rows[row].at));
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

export const placesOf = (cloud, i) => cloud.levels.map((_, k) => levelOf(cloud, k, i));

/** Show a point of a cloud on the axes as well, or none. */
export function haunt(view, ghost) {
  if (view.ghost?.cloud === ghost?.cloud && view.ghost?.i === ghost?.i) return;
  view.ghost = ghost;
  for (const follow of view.follow) follow(view);
}

/** Words beside the pointer, or beside an element; nothing hides them. */
export function tip(view, lines, at) {
  const { tip: box } = view.parts;
  box.hidden = !lines;
  if (!lines) return;
  const [title, ...others] = lines;
  const strong = document.createElement("strong");
  strong.textContent = title;
  box.replaceChildren(strong, ...others.filter(Boolean).map((words) => {
    const line = document.createElement("span");
    line.textContent = words;
    return line;
  }));
  const origin = view.root.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const [x, y] = [at.x - origin.left, at.y - origin.top];
  const left = x + 14 + width > origin.width ? x - 14 - width : x + 14;
  box.style.left = `${Math.max(0, Math.min(left, origin.width - width))}px`;
  box.style.top = `${Math.max(0, Math.min(y + 16, origin.height - height))}px`;
}
