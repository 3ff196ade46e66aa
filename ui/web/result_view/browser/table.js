/** The table: the reference on top, results to sort and to choose, then what they have to beat. */

import { make } from "../../browser/dom.js";
import { choose, highlight, tip } from "./linking.js";

export function showTable(view) {
  const { parts, table } = view;
  parts.caption.textContent = `${table.words} Choose a result with Enter; arrow keys go up and down.`;
  const arrow = view.sort.column === null ? "ascending" : "none";
  const first = make("th", { scope: "col", class: "name", "aria-sort": arrow }, sorter(view, null, { text: "Candidate" }));
  parts.head.replaceChildren(make("tr", {}, first, ...table.columns.map((column, j) => header(view, column, j))));
  parts.body.replaceChildren(...ordered(view).map((i) => rowOf(view, i)));
}

function header(view, { name, unit, help, kind, is_quiet: isQuiet }, j) {
  const arrow = view.sort.column === j ? (view.sort.isDown ? "descending" : "ascending") : "none";
  const words = [make("span", { text: name }), unit ? make("small", { text: unit }) : null];
  if (kind === "chips") return withHelp(view, make("th", { scope: "col", class: kind }, ...words), help);
  const button = withHelp(view, sorter(view, j, { "aria-description": help }, ...words), help);
  return make("th", { scope: "col", class: isQuiet ? `${kind} is-quiet` : kind, "aria-sort": arrow }, button);
}

/** What sorts by a column when it is pressed. */
function sorter(view, column, attributes, ...words) {
  const button = make("button", { type: "button", class: "sorter", ...attributes }, ...words);
  button.addEventListener("click", () => sortBy(view, column));
  return button;
}

function withHelp(view, element, help) {
  if (!help) return element;
  const show = () => {
    const box = element.getBoundingClientRect();
    tip(view, [element.firstChild.textContent, help], { x: box.left, y: box.bottom - 10 });
  };
  const hide = () => tip(view, null);
  for (const [name, act] of [["pointerenter", show], ["focus", show], ["pointerleave", hide], ["blur", hide]]) {
    element.addEventListener(name, act);
  }
  return element;
}

/** Sort the results by a column: its better end first, then the other one, then as they were found. */
function sortBy(view, column) {
  const { sort } = view;
  const first = column === null ? false : isBestHigh(view, column);
  if (sort.column !== column || column === null) view.sort = { column, isDown: first };
  else if (sort.isDown === first) view.sort = { column, isDown: !first };
  else view.sort = { column: null, isDown: false };
  const focused = [...view.parts.head.querySelectorAll("button")].indexOf(view.root.getRootNode().activeElement);
  showTable(view);
  view.afterTable();
  view.parts.head.querySelectorAll("button")[focused]?.focus();
}

function isBestHigh(view, column) {
  const { kind } = view.table.columns[column];
  return kind === "percent" || (isOutcome(kind) && view.goal === "maximum");
}

const isOutcome = (kind) => kind === "objective" || kind === "outcome";

/** What a cell is sorted by: where a value is searched for, an outcome by its distance from that. */
function sortValue(view, i, column) {
  const { value = null } = view.rows[i].cells[column];
  const { target } = view.data;
  return value !== null && target !== null && isOutcome(view.table.columns[column].kind) ? Math.abs(value - target) : value;
}

/** Rows in their order: only the results are sorted, whoever has no value comes last. */
function ordered(view) {
  const { column, isDown } = view.sort;
  const numbered = view.rows.map((_, i) => i);
  const results = numbered.filter((i) => view.rows[i].kind === "result");
  if (column !== null) {
    results.sort((a, b) => {
      const [p, q] = [sortValue(view, a, column), sortValue(view, b, column)];
      if (p === null || q === null) return (p === null) - (q === null);
      const order = typeof p === "string" ? p.localeCompare(q) : p - q;
      return isDown ? -order : order;
    });
  }
  const of = (...kinds) => numbered.filter((i) => kinds.includes(view.rows[i].kind));
  return [...of("reference"), ...results, ...of("recorded", "random")];
}

function rowOf(view, i) {
  const row = view.rows[i];
  const cells = row.cells.map((cell, j) => cellOf(view, view.table.columns[j], cell, row));
  const line = make("tr", { class: row.kind, "data-row": i, "--colour": row.colour || null }, nameOf(view, row, i), ...cells);
  line.addEventListener("pointerenter", () => highlight(view, i));
  line.addEventListener("pointerleave", () => highlight(view, null));
  line.addEventListener("click", () => choose(view, i));
  return line;
}

function nameOf(view, row, i) {
  const badge = make("span", { class: "badge", "aria-hidden": "true", text: row.number || (row.kind === "reference" ? "R" : "") });
  const words = make("span", { class: "words" }, make("b", { text: row.name }));
  if (row.kind === "reference") words.append(" ", make("i", { text: row.title ? `reference, ${row.title}` : "reference" }));
  else if (row.title) words.append(" ", make("i", { text: row.title }));
  const isResult = row.kind === "result";
  const inside = make(isResult ? "button" : "span", { type: isResult && "button", class: "pick", "data-row": i, tabindex: -1 });
  inside.append(badge, words);
  inside.title = row.title ? `${row.name}: ${row.title}` : row.name;
  inside.addEventListener("focus", () => highlight(view, i));
  inside.addEventListener("blur", () => highlight(view, null));
  return make("th", { scope: "row", class: "name" }, inside);
}

function cellOf(view, column, cell, row) {
  if (column.kind === "chips") return make("td", { class: "chips" }, ...row.chips.map(chipOf));
  const classes = [column.kind, column.is_quiet ? "is-quiet" : "", cell.tone ?? (cell.tint ? "differs" : "")];
  const attributes = { class: classes.join(" ").trim(), title: cell.note && `${cell.note} (against ${view.reference})`, "--tint": cell.tint ?? null };
  const small = cell.small ? make("small", { text: ` ${cell.small}` }) : null;
  return make("td", attributes, make("span", { text: cell.text }), small);
}

const chipOf = ({ text, tone, help }) => make("span", { class: `chip ${tone}`, title: help, text });

/** Arrow keys go from row to row. */
export function wireTable(view) {
  view.parts.body.addEventListener("keydown", (event) => {
    const picks = [...view.parts.body.querySelectorAll(".pick")];
    const at = picks.indexOf(event.target);
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: picks.length - 1 };
    if (at < 0 || !(event.key in steps)) return;
    event.preventDefault();
    picks[Math.max(0, Math.min(picks.length - 1, steps[event.key]))].focus();
  });
}
