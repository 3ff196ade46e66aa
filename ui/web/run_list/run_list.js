/** The list of runs: rows that are chosen, opened, renamed and noted on in place; kept through reruns. */

import { begin, viewAt } from "../place.js";
import { make, runRow } from "./cells.js";
import { agoWords, exactWords, spanWords } from "./clock.js";

export default function runList({ data, parentElement, setTriggerValue }) {
  const view = viewAt(parentElement, ".run-list", createView);
  view.tell = setTriggerValue;
  if (data) take(view, data);
  return begin(view);
}

function createView(root) {
  const part = (name) => root.querySelector(`[data-role="${name}"]`);
  const view = {
    root, rows: part("rows"), all: part("all"), caption: part("caption"), timer: 0, tell: () => {},
    runs: new Map(), drawn: new WeakMap(), chosen: new Set(), turn: 0, acts: 0,
  };
  view.stop = () => clearInterval(view.timer);
  view.start = () => {
    view.stop();
    view.timer = setInterval(() => showTimes(view), 1000);
  };
  view.rows.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-act]");
    if (button) act(view, button);
  });
  view.rows.addEventListener("change", (event) => {
    if (event.target.dataset.act === "choose") choose(view, [idOf(event.target)], event.target.checked);
  });
  view.all.addEventListener("change", () => choose(view, [...view.runs.keys()], view.all.checked));
  return view;
}

function idOf(element) {
  return element.closest("tr").dataset.id;
}

/** Draw what came; rows that stay the same stay untouched, and so does one that is being written in. */
function take(view, { runs, chosen, turn, caption }) {
  // What was chosen here since the message was made counts more than what it says.
  if (turn >= view.turn) {
    view.chosen = new Set(chosen);
    view.turn = turn;
  }
  view.caption.textContent = caption;
  const focused = view.root.getRootNode().activeElement;
  const place = focused && view.rows.contains(focused) ? { id: idOf(focused), act: focused.dataset.act } : null;
  const former = new Map([...view.rows.children].map((row) => [row.dataset.id, row]));
  const rows = runs.map((run) => {
    const row = former.get(run.id);
    return row && (!isOld(view, row, run) || row.querySelector("input.field")) ? row : drawRow(view, run);
  });
  view.runs = new Map(runs.map((run) => [run.id, run]));
  arrange(view.rows, rows);
  if (place && !view.rows.contains(focused)) focusOn(view, place.id, place.act);
  showChosen(view);
  showTimes(view);
}

function drawRow(view, run) {
  const row = runRow(run, view.chosen.has(run.id));
  view.drawn.set(row, JSON.stringify(run));
  return row;
}

/** Whether a row shows something else than its run is by now. */
function isOld(view, row, run) {
  return view.drawn.get(row) !== JSON.stringify(run);
}

/** Make these rows the children, in order; one that can stay where it is is not moved, as it would lose its focus. */
function arrange(body, rows) {
  const wanted = new Set(rows);
  for (const row of [...body.children]) if (!wanted.has(row)) row.remove();
  rows.forEach((row, i) => {
    if (body.children[i] !== row) body.insertBefore(row, body.children[i] ?? null);
  });
}

function focusOn(view, id, name) {
  const row = [...view.rows.children].find((each) => each.dataset.id === id);
  row?.querySelector(`[data-act="${name}"]`)?.focus();
}

function choose(view, ids, isChosen) {
  for (const id of ids) view.chosen[isChosen ? "add" : "delete"](id);
  view.turn += 1;
  showChosen(view);
  view.tell("chosen", { ids: [...view.chosen], turn: view.turn });
}

function showChosen(view) {
  let n = 0;
  for (const row of view.rows.children) {
    const isChosen = view.chosen.has(row.dataset.id);
    row.classList.toggle("chosen", isChosen);
    row.querySelector('[data-act="choose"]').checked = isChosen;
    n += isChosen ? 1 : 0;
  }
  view.all.checked = n > 0 && n === view.rows.children.length;
  view.all.indeterminate = n > 0 && !view.all.checked;
}

function act(view, button) {
  const id = idOf(button);
  const name = button.dataset.act;
  if (name === "rename" || name === "note") write(view, button, id, name);
  else tell(view, name, id);
}

/** Hand an act on; the number makes two that look alike two. */
function tell(view, name, id, text = "") {
  view.acts += 1;
  view.tell("act", { name, id, text, number: view.acts });
}

/** Let the name or the note of a run be written where it stands: Enter or leaving it keeps it, Escape does not. */
function write(view, button, id, name) {
  const run = view.runs.get(id);
  const before = name === "rename" ? run.name : run.note;
  const label = name === "rename" ? "Name" : "Note";
  const field = make("input", "field", null, { type: "text", "aria-label": label, maxlength: name === "rename" ? 120 : 500 });
  field.value = before;
  const line = button.closest(".line");
  const shown = [...line.children];
  line.replaceChildren(field);
  field.focus();
  field.select();
  let isOver = false;
  const end = (isKept, isFocused) => {
    if (isOver) return;
    isOver = true;
    line.replaceChildren(...shown);
    const after = field.value.trim();
    if (isKept && after !== before && (after || name === "note")) {
      const text = name === "rename" ? line.querySelector('[data-act="open"] span') : line.querySelector('[data-act="note"] span');
      text.textContent = after || "Add a note"; // at once; the server's answer draws the row anew
      tell(view, name, id, after);
    } else {
      const [row, now] = [line.closest("tr"), view.runs.get(id)]; // news that came meanwhile
      if (now && isOld(view, row, now)) row.replaceWith(drawRow(view, now));
      showTimes(view);
    }
    if (isFocused) focusOn(view, id, name);
  };
  field.addEventListener("keydown", (event) => {
    const isEnd = (event.key === "Enter" && !event.isComposing) || event.key === "Escape";
    if (isEnd) {
      event.preventDefault(); // the button that the focus goes to would be pressed by the same key
      end(event.key === "Enter", true);
    }
    event.stopPropagation(); // the page's own shortcuts are not meant
  });
  field.addEventListener("blur", () => end(true, false));
}

function showTimes(view) {
  const now = Date.now();
  for (const time of view.rows.querySelectorAll("time")) {
    const at = Number(time.dataset.at);
    const words = agoWords(at, now);
    if (time.textContent === words) continue;
    time.textContent = words;
    time.title = exactWords(at);
    time.dateTime = new Date(at).toISOString();
  }
  for (const cell of view.rows.querySelectorAll("[data-since]")) {
    cell.textContent = spanWords((now - Number(cell.dataset.since)) / 1000);
  }
}
