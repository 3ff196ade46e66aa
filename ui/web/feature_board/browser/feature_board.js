/** The component: every feature as a row; what the user changes is sent to Python, which holds the truth. */

import { partsOf, viewAt } from "../../browser/view.js";
import { inWords, showUsual } from "./fields.js";
import { makeRow } from "./rows.js";

const SOON = 350; // milliseconds after the last key

export default function featureBoard({ data, parentElement, setStateValue }) {
  const board = viewAt(parentElement, ".board", createBoard);
  board.send = (message) => setStateValue("features", message);
  if (data) take(board, data);
}

function createBoard(root) {
  const parts = partsOf(root);
  const board = { root, parts, revision: null, features: [], now: new Map(), rows: new Map(), timer: 0, isDirty: false };
  board.stop = () => clearTimeout(board.timer);
  parts["all-free"].onclick = () => setAll(board, (now) => ({ ...now, is_free: true }), "All features are free.");
  parts["all-frozen"].onclick = () => setAll(board, (now) => ({ ...now, is_free: false }), "All features are frozen.");
  parts.reset.onclick = () => setAll(board, (_, feature) => ({ ...feature.usual }), "All features are as recorded.");
  parts.tolerances.onchange = () => root.classList.toggle("has-tolerances", parts.tolerances.checked);
  return board;
}

/** Python's features replace the user's only where they were changed there: its revision tells. */
function take(board, data) {
  const { parts, root } = board;
  Object.assign(board, { data, features: data.features, key: data.revision });
  root.classList.toggle("has-weights", data.has_weights);
  if (board.revision !== data.revision) {
    board.revision = data.revision;
    board.now = new Map(data.features.map((feature) => [feature.name, { ...feature.now }]));
    board.isDirty = false;
    const hasTolerances = parts.tolerances.checked || data.features.some(({ now }) => Number.isFinite(now.tolerance));
    parts.tolerances.checked = hasTolerances;
    root.classList.toggle("has-tolerances", hasTolerances);
    build(board);
  }
  arrange(board);
}

/** Make the row of every feature anew. */
function build(board) {
  board.rows = new Map();
  for (const feature of board.features) addRow(board, feature);
  const isFree = ({ name }) => name !== board.data.swept && board.now.get(name).is_free;
  if (!board.features.some(isFree)) board.parts.frozen.open = true; // there is nothing else to see
}

function addRow(board, feature) {
  const onChange = (set, isDone) => change(board, feature, set, isDone);
  const onFlip = (isFree) => flip(board, feature, isFree);
  board.rows.set(feature.name, makeRow(feature, board.now.get(feature.name), { onChange, onFlip }));
}

function change(board, feature, set, isDone) {
  const keys = Object.keys(set);
  if (keys.length) {
    Object.assign(board.now.get(feature.name), set);
    board.isDirty = true;
    refresh(board, feature);
  }
  if (isDone) send(board);
  else {
    clearTimeout(board.timer);
    board.timer = setTimeout(() => send(board), SOON);
  }
}

/** What is set, without texts that mean no number: their field may be gone in a moment. */
function cleaned(feature, now) {
  const isNumber = (key) => feature.kind === "numeric" || key === "mutation_strength";
  const entries = Object.entries(now).map(([key, value]) => [key, isNumber(key) && typeof value === "string" ? feature.usual[key] : value]);
  return Object.fromEntries(entries);
}

function flip(board, feature, isFree) {
  board.now.set(feature.name, { ...cleaned(feature, board.now.get(feature.name)), is_free: isFree });
  board.isDirty = true;
  addRow(board, feature);
  if (!isFree) board.parts.frozen.open = true; // where the row went
  arrange(board);
  board.rows.get(feature.name).element.querySelector('[role="switch"]').focus();
  board.parts.announcement.textContent = `${feature.name} is ${isFree ? "free" : "frozen"} now.`;
  send(board);
}

function setAll(board, next, words) {
  for (const feature of board.features) {
    if (feature.name === board.data.swept) continue;
    board.now.set(feature.name, next(cleaned(feature, board.now.get(feature.name)), feature));
  }
  board.isDirty = true;
  build(board);
  arrange(board);
  board.parts.announcement.textContent = words;
  send(board);
}

function refresh(board, feature) {
  board.rows.get(feature.name).update(board.now.get(feature.name), feature.reference);
  countAndList(board);
}

/** Put every row where it belongs, in the order of the features, and leave alone what stands there already. */
function arrange(board) {
  const { parts, data } = board;
  const shown = board.features.filter(({ name }) => name !== data.swept);
  for (const [role, isFree] of [["free-rows", true], ["frozen-rows", false]]) {
    const wanted = shown.filter(({ name }) => board.now.get(name).is_free === isFree);
    const elements = wanted.map(({ name }) => board.rows.get(name).element);
    const isSame = elements.length === parts[role].children.length && elements.every((each, i) => each === parts[role].children[i]);
    if (!isSame) parts[role].replaceChildren(...elements);
  }
  for (const feature of shown) board.rows.get(feature.name).update(board.now.get(feature.name), feature.reference);
  countAndList(board);
  parts.key.hidden = !data.reference;
  parts["key-name"].textContent = data.reference ? `Reference: ${data.reference}` : "";
}

function countAndList(board) {
  const { parts, data, features } = board;
  const shown = features.filter(({ name }) => name !== data.swept);
  const frozen = shown.filter(({ name }) => !board.now.get(name).is_free);
  parts.count.textContent = `${shown.length - frozen.length} of ${shown.length} free`;
  parts["frozen-count"].textContent = String(frozen.length);
  parts["frozen-list"].textContent = frozen.map((feature) => frozenWords(feature, board.now.get(feature.name))).join(", ");
  parts.frozen.hidden = !frozen.length;
  parts["none-free"].hidden = frozen.length < shown.length;
  parts.head.hidden = frozen.length === shown.length;
}

function frozenWords(feature, now) {
  const isNumber = feature.kind === "numeric";
  const value = isNumber ? `${inWords(showUsual(now.value, feature, "value"))} ${feature.unit}`.trim() : now.value;
  return `${feature.name} ${value}`;
}

/** Send Python all that is set; numbers as numbers, and as it was typed what is none. */
function send(board) {
  clearTimeout(board.timer);
  if (!board.isDirty) return;
  board.isDirty = false;
  const features = board.features.map(({ name }) => ({ name, ...board.now.get(name) }));
  board.root.dataset.edits = String(Number(board.root.dataset.edits) + 1);
  board.send({ revision: board.revision, features });
}
