/** The component: goal, features, realism and size of a search; what changes is sent to Python, which holds the truth. */

import { wireOpener } from "../../browser/dom.js";
import { partsOf, viewAt } from "../../browser/view.js";
import { makeGoal } from "./goal.js";
import { makeKnobs, makeStrength } from "./knobs.js";
import { makeOutcomes } from "./outcomes.js";
import { makeRow } from "./rows.js";

const SOON = 350; // milliseconds after the last key

export default function settingsBoard({ data, parentElement, setStateValue, setTriggerValue }) {
  const board = viewAt(parentElement, ".settings", createBoard);
  board.send = (message) => setStateValue("settings", message);
  board.askPrice = () => setTriggerValue("price", true);
  board.act = (name, act) => setTriggerValue("outcome", { name, act });
  if (data) take(board, data);
}

function createBoard(root) {
  const parts = partsOf(root);
  const board = { root, parts, revision: null, features: [], now: new Map(), rows: new Map(), open: new Set(), timer: 0, isDirty: false };
  board.stop = () => clearTimeout(board.timer);
  parts["all-free"].onclick = () => setAll(board, (now) => ({ ...now, is_free: true }), "All features are free.");
  parts["all-frozen"].onclick = () => setAll(board, (now) => ({ ...now, is_free: false }), "All features are frozen.");
  parts.reset.onclick = () => setAll(board, (_, feature) => ({ ...feature.usual }), "All features are as recorded.");
  wireOpener(parts["all-opener"], parts["all-fields"]);
  wireOpener(parts["goal-opener"], parts["goal-fields"]);
  wireOpener(parts["numbers-opener"], parts.numbers);
  parts.price.onclick = () => board.askPrice();
  const tell = (isDone) => changed(board, isDone);
  board.goal = makeGoal(parts, tell);
  board.outcomes = makeOutcomes(parts, tell, (name, act) => board.act(name, act));
  board.knobs = makeKnobs(parts, tell);
  board.strength = makeStrength(parts["all-strength"], parts["all-strength-words"], (value, isDone) => {
    for (const feature of movable(board)) board.now.get(feature.name).mutation_strength = strengthFor(feature, value);
    for (const feature of board.features) refresh(board, feature);
    changed(board, isDone);
  }, { usualWords: "usual" });
  return board;
}

/** A category changes with a probability, which is 1 at most. */
const strengthFor = (feature, value) => (feature.kind === "numeric" || value === null ? value : Math.min(value, 1));

const movable = (board) => board.features.filter(({ name }) => name !== board.data.swept);

/** Python's settings replace the user's only where they were changed there: its revision tells. */
function take(board, data) {
  const { parts } = board;
  Object.assign(board, { data, features: data.features });
  const isNew = board.revision !== data.revision;
  if (isNew) {
    board.revision = data.revision;
    board.now = new Map(data.features.map((feature) => [feature.name, { ...feature.now }]));
    board.isDirty = false;
    board.rows = new Map();
    for (const feature of board.features) addRow(board, feature);
  }
  board.goal.take(data.goal, isNew);
  board.outcomes.take(data.outcomes, isNew);
  board.root.style.setProperty("--outcomes", String(Math.max(0, data.outcomes.rows.length - 1)));
  board.knobs.take(data.knobs, isNew);
  parts["strength-note"].textContent = data.strength_note;
  board.root.classList.toggle("still", Boolean(data.strength_note));
  arrange(board);
}

function addRow(board, feature) {
  const acts = {
    onChange: (set, isDone) => change(board, feature, set, isDone),
    onFlip: (isFree) => flip(board, feature, isFree),
    onOpen: (isOpen) => { isOpen ? board.open.add(feature.name) : board.open.delete(feature.name); },
  };
  board.rows.set(feature.name, makeRow(feature, board.now.get(feature.name), board.open.has(feature.name), acts));
}

function change(board, feature, set, isDone) {
  if (Object.keys(set).length) {
    Object.assign(board.now.get(feature.name), set);
    board.isDirty = true;
    refresh(board, feature);
    sumUp(board);
  }
  later(board, isDone);
}

function changed(board, isDone) {
  board.isDirty = true;
  sumUp(board);
  later(board, isDone);
}

function later(board, isDone) {
  clearTimeout(board.timer);
  if (isDone) send(board);
  else board.timer = setTimeout(() => send(board), SOON);
}

/** What is set, without texts that mean no number: their field may be gone in a moment. */
function cleaned(feature, now) {
  const entries = Object.entries(now).map(([key, value]) => [key, feature.kind === "numeric" && typeof value === "string" ? feature.usual[key] : value]);
  return Object.fromEntries(entries);
}

function flip(board, feature, isFree) {
  board.now.set(feature.name, { ...cleaned(feature, board.now.get(feature.name)), is_free: isFree });
  board.isDirty = true;
  addRow(board, feature);
  arrange(board);
  board.rows.get(feature.name).element.querySelector('[role="switch"]').focus();
  board.parts.announcement.textContent = `${feature.name} is ${isFree ? "free" : "frozen"} now.`;
  send(board);
}

function setAll(board, next, words) {
  for (const feature of movable(board)) {
    board.now.set(feature.name, next(cleaned(feature, board.now.get(feature.name)), feature));
    addRow(board, feature);
  }
  board.isDirty = true;
  arrange(board);
  board.parts.announcement.textContent = words;
  send(board);
}

function refresh(board, feature) {
  board.rows.get(feature.name).update(board.now.get(feature.name), feature.reference, board.data.usual_strengths[feature.name] ?? 0);
}

/** Put every row where it belongs, in the order of the features, and leave alone what stands there already. */
function arrange(board) {
  const { parts, data } = board;
  const shown = movable(board);
  const elements = shown.map(({ name }) => board.rows.get(name).element);
  const isSame = elements.length === parts.rows.children.length && elements.every((each, i) => each === parts.rows.children[i]);
  if (!isSame) parts.rows.replaceChildren(...elements);
  for (const feature of shown) refresh(board, feature);
  parts.key.hidden = !data.reference;
  parts["key-name"].textContent = data.reference ? `Reference: ${data.reference}` : "";
  sumUp(board);
}

function sumUp(board) {
  const { parts, data } = board;
  const shown = movable(board).map((feature) => ({ feature, now: board.now.get(feature.name) }));
  const free = shown.filter(({ now }) => now.is_free);
  parts.count.textContent = `${free.length} of ${shown.length} free`;
  parts["strength-name"].parentElement.hidden = Boolean(data.strength_note) || !free.length;
  const [first, ...others] = sorted(free.length ? free : shown);
  const isSame = others.every(({ feature, now }) => now.mutation_strength === strengthFor(feature, first.now.mutation_strength));
  board.strength.update(first && isSame ? first.now.mutation_strength : undefined, middleOf(Object.values(data.usual_strengths)));
}

/** Numbers first: their strengths have no limit. */
const sorted = (shown) => [...shown].sort((a, b) => (a.feature.kind === "numeric" ? 0 : 1) - (b.feature.kind === "numeric" ? 0 : 1));

const middleOf = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Send Python all that is set; numbers as numbers, and as it was typed what is none. */
function send(board) {
  clearTimeout(board.timer);
  if (!board.isDirty) return;
  board.isDirty = false;
  const features = board.features.map(({ name }) => ({ name, ...board.now.get(name) }));
  board.root.dataset.edits = String(Number(board.root.dataset.edits) + 1);
  const outcomes = board.outcomes.now();
  const wanted = outcomes.length ? { outcomes, combine: board.outcomes.combine() } : { goal: board.goal.now() };
  board.send({ revision: board.revision, features, ...wanted, knobs: board.knobs.now() });
}
