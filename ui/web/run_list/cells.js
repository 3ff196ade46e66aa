/** One run as a row of the table: what each of its cells shows. */

const SVG = "http://www.w3.org/2000/svg";

/** Drawn in a square of 16: a path, and whether it is filled. */
const ICONS = {
  done: { d: "M3 8.5 6.5 12 13 4.5" },
  running: { d: "M8 2a6 6 0 1 1-6 6" },
  queued: { d: "M8 2.5a5.5 5.5 0 1 0 .01 0M8 5v3.2l2.2 1.6" },
  failed: { d: "M8 3v6M8 12.2v.3" },
  cancelled: { d: "M4 4h8v8H4z" },
  interrupted: { d: "M9 2 4.5 8.5H8L7 14l4.5-6.5H8z" },
  edit: { d: "M3 13l.6-2.8L10.7 3l2.3 2.3-7.1 7.1zM9.3 4.4l2.3 2.3" },
  stop: { d: "M4.5 4.5h7v7h-7z" },
  restore: { d: "M3.2 6.5A5.2 5.2 0 1 1 3 9M3 3v3.6h3.6" },
};

/** An element with a class, a text, and attributes; texts are never read as markup. */
export function make(tag, className = "", text = null, attributes = {}) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== null) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon ${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name].d);
  svg.append(path);
  return svg;
}

/** A button that stands for an act on a run; the table listens for its clicks. */
function actButton(act, label, { className = "", text = null, symbol = null } = {}) {
  const button = make("button", className, null, { type: "button", "data-act": act, "aria-label": label, title: label });
  if (symbol) button.append(icon(symbol));
  if (text !== null) button.append(make("span", "", text));
  return button;
}

/** The row of a run; `isChosen` ticks its box. */
export function runRow(run, isChosen) {
  const row = make("tr", "", null, { "data-id": run.id });
  row.classList.toggle("chosen", isChosen);
  const box = make("input", "", null, { type: "checkbox", "data-act": "choose", "aria-label": `Choose ${run.name}` });
  box.checked = isChosen;
  const pick = make("td", "pick");
  pick.append(box);
  row.append(pick, nameCell(run), materialCell(run));
  row.append(make("td", "goal", run.goal || "–", { "data-label": "Goal" }));
  row.append(bestCell(run));
  row.append(make("td", "number count", run.n_results === null ? "–" : String(run.n_results), { "data-label": "Results" }));
  row.append(stateCell(run), timeCell(run), tookCell(run));
  return row;
}

function nameCell(run) {
  const cell = make("th", "name", null, { scope: "row" });
  const first = make("div", "line");
  const open = actButton("open", run.opens, { className: "link", text: run.name });
  open.removeAttribute("aria-label");
  first.append(open);
  if (run.is_named) first.append(actButton("rename", `Rename ${run.name}`, { className: "quiet", symbol: "edit" }));
  const second = make("div", "line second");
  if (run.story) second.append(make("span", "chip", run.story, { title: run.story_help }));
  const note = actButton("note", run.note ? `Change the note on ${run.name}` : `Add a note to ${run.name}`, {
    className: run.note ? "note" : "note quiet", text: run.note || "Add a note",
  });
  if (run.note) note.title = run.note;
  second.append(note);
  cell.append(first, second);
  return cell;
}

function materialCell(run) {
  const cell = make("td", "material", null, { "data-label": "Table, model" });
  cell.append(make("div", "cut", run.dataset || "–", { title: run.dataset }));
  if (run.model) cell.append(make("div", "cut soft", run.model, { title: run.model }));
  return cell;
}

function bestCell(run) {
  const cell = make("td", "number best", null, { "data-label": "Best outcome" });
  cell.append(make("span", "figure", run.best || "–"));
  if (run.best && run.unit) cell.append(make("span", "soft unit", run.unit));
  return cell;
}

function stateCell(run) {
  const cell = make("td", `state is-${run.state}`, null, { "data-label": "State" });
  const line = make("div", "line");
  const word = make("span", "word");
  word.append(icon(run.state), make("span", "", run.state_word));
  line.append(word);
  if (run.stops) line.append(actButton("stop", `${run.stops} ${run.name}`, { className: "small", text: run.stops, symbol: "stop" }));
  if (run.is_deleted) line.append(actButton("restore", `Restore ${run.name}`, { className: "small", text: "Restore", symbol: "restore" }));
  cell.append(line);
  if (run.detail) cell.append(make("div", run.stops ? "cut soft" : "detail soft", run.detail, { title: run.detail }));
  return cell;
}

function timeCell(run) {
  const cell = make("td", "when", null, { "data-label": run.is_deleted ? "Deleted" : "When" });
  if (run.is_deleted) cell.append("deleted ");
  cell.append(make("time", "", "", { "data-at": run.at }));
  return cell;
}

function tookCell(run) {
  const cell = make("td", "number took", run.took || "–", { "data-label": "Took" });
  if (run.since !== null) cell.setAttribute("data-since", run.since);
  return cell;
}
