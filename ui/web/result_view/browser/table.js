/** The table: the reference on top, results to sort, to choose and to act on, then what they have to beat. */

import { make } from "../../browser/dom.js";
import { makeSvg } from "../../browser/svg.js";
import { choose, highlight, tip } from "./linking.js";

const RECORDED = 3; // rows that are shown before anybody asks for more
const DENSE = 8; // settings: more of them stand closer

export function showTable(view) {
  const { parts, table } = view;
  parts.table.setAttribute("aria-label", `${table.words} Choose a result with Enter; arrow keys go up and down.`);
  const arrow = view.sort.column === null ? "ascending" : "none";
  const first = make("th", { scope: "col", class: "name", "aria-sort": arrow }, sorter(view, null, { text: "Candidate" }));
  parts.sheet.classList.toggle("is-dense", table.columns.filter(({ kind }) => kind === "setting").length > DENSE);
  parts.sheet.classList.toggle("has-outcomes", table.columns.filter(({ kind }) => kind === "objective").length > 1);
  const headers = placed(view, table.columns.map((column, j) => header(view, column, j)), frozenHeader(view));
  const acts = view.data.acts ? make("th", { class: "acts" }, make("span", { class: "unseen", text: "What to do" })) : null;
  parts.head.replaceChildren(make("tr", {}, first, ...headers, acts));
  const order = ordered(view);
  const recorded = order.filter((i) => view.rows[i].kind === "recorded");
  const folded = view.showsRecorded ? [] : recorded.slice(RECORDED);
  const rows = order.filter((i) => !folded.includes(i)).map((i) => rowOf(view, i));
  if (recorded.length > RECORDED) rows.push(moreRecorded(view, recorded.length - RECORDED));
  parts.body.replaceChildren(...rows);
  showLab(view);
}

function header(view, { name, unit, help, kind, is_quiet: isQuiet, numbers }, j) {
  const arrow = view.sort.column === j ? (view.sort.isDown ? "descending" : "ascending") : "none";
  const words = [make("span", { text: name }), unit ? make("small", { text: unit }) : null, numbers ? make("small", { text: numbers }) : null];
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
  const { kind, goal } = view.table.columns[column];
  return isOutcome(kind) && (goal || view.goal) === "maximum";
}

const isOutcome = (kind) => kind === "objective" || kind === "outcome";

/** What a cell is sorted by: where a value is searched for, an outcome by its distance from that. */
function sortValue(view, i, column) {
  const { value = null } = view.rows[i].cells[column];
  const target = view.table.columns[column].target ?? view.data.target;
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
  const line = make("tr", { class: row.kind, "data-row": i, "--colour": row.colour || null }, nameOf(view, row, i), ...placed(view, cells, make("td")));
  if (view.data.acts) line.append(make("td", { class: "acts" }, row.kind === "result" ? actsOf(view, row) : null));
  line.addEventListener("pointerenter", () => highlight(view, i));
  line.addEventListener("pointerleave", () => highlight(view, null));
  line.addEventListener("click", () => choose(view, i));
  return line;
}

/** Cells or headers of a row, those of frozen features folded into what stands for them. */
function placed(view, cells, fold) {
  const isQuiet = (j) => view.table.columns[j].is_quiet;
  const first = view.table.columns.findIndex((_, j) => isQuiet(j));
  const shown = cells.filter((_, j) => view.showsFrozen || !isQuiet(j));
  if (first >= 0) shown.splice(first, 0, fold);
  return shown;
}

function nameOf(view, row, i) {
  const badge = make("span", { class: "badge", "aria-hidden": "true", text: row.number || (row.kind === "reference" ? "R" : "") });
  const words = make("span", { class: "words" }, make("b", { text: row.name }));
  const title = row.kind === "reference" ? ["reference", row.title].filter(Boolean).join(", ") : row.title;
  if (title) words.append(" ", make("i", { text: title }));
  const isResult = row.kind === "result";
  const inside = make(isResult ? "button" : "span", { type: isResult && "button", class: "pick", "data-row": i, tabindex: -1 });
  inside.append(badge, words);
  inside.title = row.title ? `${row.name}: ${row.title}` : row.name;
  inside.addEventListener("focus", () => {
    highlight(view, i);
    if (inside.matches(":focus-visible")) tip(view, [row.name, row.span.words, ...trustWords(row)], corner(inside));
  });
  inside.addEventListener("blur", () => {
    highlight(view, null);
    tip(view, null);
  });
  return make("th", { scope: "row", class: "name" }, inside);
}

const corner = (element) => {
  const box = element.getBoundingClientRect();
  return { x: box.right, y: box.bottom - 12 };
};

const trustWords = ({ light }) => (light ? [light.words, ...light.reasons] : []);

function cellOf(view, column, cell, row) {
  if (column.kind === "objective") return spanOf(view, row, column, cell);
  if (column.kind === "light") return lightOf(view, row);
  const classes = [column.kind, column.is_quiet ? "is-quiet" : "", cell.tint ? "differs" : ""];
  const against = column.kind === "setting" ? ` (against ${view.reference})` : "";
  const attributes = { class: classes.join(" ").trim(), title: cell.note && cell.note + against, "--tint": cell.tint ?? null };
  const small = cell.small ? make("small", { text: cell.small }) : null;
  return make("td", attributes, make("span", { text: cell.text }), small ? " " : null, small);
}

/** What to reckon with: three numbers over a bar, on the scale and with the line that all rows share. */
function spanOf(view, { name, span: own, kind }, column, { span = own, broken = false }) {
  const [low, expected, high] = span.places;
  const percent = (place) => `${(100 * place).toFixed(2)}%`;
  const [a, b, c] = span.texts;
  const track = make("span", { class: "track" });
  if (view.table.best !== null) track.append(make("i", { class: "best", "--at": percent(view.table.best) }));
  for (const limit of column.limits) track.append(make("i", { class: "limit", "--at": percent(limit) }));
  if (low !== null && high !== null) track.append(make("i", { class: "bar", "--at": percent(low), "--wide": percent(high - low) }));
  if (expected !== null) track.append(make("i", { class: "mark", "--at": percent(expected) }));
  const isFull = kind === "result" || kind === "reference";
  const numbers = make("span", { class: "numbers" }, make("small", { text: isFull ? a : "" }), make("strong", { text: b }), make("small", { text: isFull ? c : "" }));
  const cell = make("td", { class: broken ? "objective is-broken" : "objective" }, make("span", { role: "img", "aria-label": span.words, class: "reckoned" }, numbers, track));
  const title = column.goal || column.limits.length || span !== own ? `${name}, ${column.name}` : name;
  return withTip(view, cell, [title, span.words]);
}

const SIGNS = {
  good: ["M9 1.5a7.5 7.5 0 1 1 0 15a7.5 7.5 0 1 1 0-15", "M5.5 9.2l2.4 2.4l4.6-4.9"],
  doubtful: ["M9 .6L17.4 9L9 17.4L.6 9Z", "M9 5v4.6M9 12.2v.4"],
  bad: ["M9 1L17.6 16.4H.4Z", "M9 6.4v4.4M9 13.2v.4"],
};

/** The light of a row: a colour and a shape, and why on hover; the focus on the row's name says the same. */
function lightOf(view, row) {
  if (!row.light) return make("td", { class: "light" });
  const { tone } = row.light;
  const [shape, sign] = SIGNS[tone].map((d) => makeSvg("path", { d }));
  const picture = makeSvg("svg", { viewBox: "0 0 18 18", role: "img", class: tone, "aria-label": trustWords(row).join(". ") }, shape, sign);
  return withTip(view, make("td", { class: "light" }, picture), trustWords(row));
}

function withTip(view, element, lines) {
  element.addEventListener("pointermove", (event) => tip(view, lines, { x: event.clientX, y: event.clientY }));
  element.addEventListener("pointerleave", () => tip(view, null));
  return element;
}

const ACTS = [
  ["lab", "To the lab", "M6 2h4M7 2v4L3.5 12.5A1 1 0 0 0 4.4 14h7.2a1 1 0 0 0 .9-1.5L9 6V2M5 10h6"],
  ["explore", "What if", "M2 5h7M13 5h1M2 11h1M7 11h7M9 5a2 2 0 1 0 4 0a2 2 0 1 0-4 0M3 11a2 2 0 1 0 4 0a2 2 0 1 0-4 0"],
  ["more", "More like this", "M6 8a2 2 0 1 0 4 0a2 2 0 1 0-4 0M8 1.8v1.8M8 12.4v1.8M1.8 8h1.8M12.4 8h1.8M3.6 3.6l1.3 1.3M11.1 11.1l1.3 1.3M12.4 3.6l-1.3 1.3M4.9 11.1l-1.3 1.3"],
  ["leave_out", "Exclude", "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4"],
];

/** What can be done with a result; seen in the row that is looked at. */
function actsOf(view, row) {
  const group = make("span", { role: "group", "aria-label": row.name });
  const isLast = view.rows.filter(({ kind }) => kind === "result").length < 2;
  for (const [name, words, d] of ACTS) {
    const button = make("button", { type: "button", class: `act ${name}`, "aria-label": `${words}: ${row.name}`, "data-place": row.number - 1 });
    button.disabled = name === "leave_out" && isLast; // one has to stay
    button.append(makeSvg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, makeSvg("path", { d })));
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      view.act(name, row.number - 1);
    });
    const show = () => tip(view, [words], corner(button));
    for (const event of ["pointerenter", "focus"]) button.addEventListener(event, show);
    for (const event of ["pointerleave", "blur"]) button.addEventListener(event, () => tip(view, null));
    group.append(button);
  }
  return group;
}

/** Show which results go to the laboratory. */
export function showLab(view) {
  for (const button of view.parts.body.querySelectorAll(".act.lab")) {
    button.setAttribute("aria-pressed", String(view.lab.includes(Number(button.dataset.place))));
  }
}

/** What shows or folds the recorded rows beyond the first ones. */
function moreRecorded(view, n) {
  const words = view.showsRecorded ? "Fewer recorded rows" : `${n} more recorded ${n === 1 ? "row" : "rows"}`;
  const button = make("button", { type: "button", class: "fold", "aria-expanded": String(view.showsRecorded), text: words });
  button.addEventListener("click", () => {
    view.showsRecorded = !view.showsRecorded;
    redraw(view, ".more .fold");
  });
  return make("tr", { class: "more" }, make("td", { colspan: 99 }, button));
}

/** What shows or folds the frozen features. */
function frozenHeader(view) {
  const n = view.table.columns.filter((column) => column.is_quiet).length;
  const words = view.showsFrozen ? "frozen ▸" : `${n} frozen`;
  const button = make("button", { type: "button", class: "fold", "aria-expanded": String(view.showsFrozen), text: words });
  button.addEventListener("click", () => {
    view.showsFrozen = !view.showsFrozen;
    redraw(view, "thead .fold");
  });
  return make("th", { scope: "col" }, button);
}

function redraw(view, focused) {
  showTable(view);
  view.afterTable();
  view.parts.table.querySelector(focused)?.focus();
}

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
