/** The outcomes of a run, a row each: what is wanted of it, the numbers beside, and the rest in a fold. */

import { make, setText, wireOpener } from "../../browser/dom.js";
import { labelOf, withUnit } from "../../browser/numbers.js";
import { inWords, makeTyped, showNumber } from "./fields.js";
import { KINDS, makeChoice } from "./goal.js";

const WANTS = { maximum: "Maximise", minimum: "Minimise", value: "Value", at_least: "At least", at_most: "At most", between: "Between", shown: "Only show" };
const GOALS = ["maximum", "minimum", "value"];
const BESIDE = { value: ["value"], at_least: ["at_least"], at_most: ["at_most"], between: ["at_least", "at_most"] }; // numbers in the row
const LIMITS = { at_least: "At least", at_most: "At most" };
const IMPORTANCES = { 1: "1 (least)", 2: "2", 3: "3", 4: "4", 5: "5 (most)" };

/** The outcomes on screen; `tell(isDone)` is called when the user changed one, `act(name, what)` for what Python does. */
export function makeOutcomes(parts, tell, act) {
  let data = null;
  let rows = [];
  let combine = "front";
  const open = new Set();
  parts["add-outcome"].onclick = () => act("", "add");
  parts.combine.onchange = () => {
    combine = parts.combine.value;
    update();
    tell(true);
  };

  function update() {
    const nows = rows.map(({ now }) => now);
    const nGoals = nows.filter(({ want }) => GOALS.includes(want)).length;
    const isDesirability = nGoals > 1 && combine === "desirability";
    for (const row of rows) row.update({ isDesirability, confidences: data.confidences });
    parts["combine-line"].hidden = nGoals < 2;
    setText(parts["combine-words"], `${nGoals} goals make`);
    parts.combine.value = combine;
    parts["outcome-note"].hidden = !data.note;
    setText(parts["outcome-note"], data.note);
  }

  const changed = () => {
    update();
    tell(true);
  };

  return {
    now: () => rows.map(({ now }) => ({ ...now })),
    combine: () => combine,
    take(given, isNew) {
      data = given;
      const isSame = rows.length === data.rows.length && rows.every(({ now }, i) => now.name === data.rows[i].now.name);
      if (isNew || !isSame) {
        combine = data.combine;
        rows = data.rows.map((about) => makeOutcome(about, open, { changed, act }));
        parts.outcomes.replaceChildren(...rows.map(({ element }) => element));
      }
      rows.forEach((row, i) => { row.about = data.rows[i]; });
      const isList = rows.length > 0;
      parts["goal-opener"].hidden = isList;
      if (isList) parts["goal-fields"].hidden = true;
      parts.outcomes.hidden = !isList;
      update();
    },
  };
}

function makeOutcome(about, open, { changed, act }) {
  const { name } = about.now;
  const row = { about, now: { ...about.now } };
  const set = (changes) => {
    Object.assign(row.now, changes);
    changed();
  };
  const title = makeOutcomeTitle(name);
  const want = makeChoice(`${name}: what is wanted`, (value) => set({ want: value, ...proposed(row, value) }));
  const beside = Object.fromEntries(["value", "at_least", "at_most"].map((key) => [key, makeNumber(row, key, set)]));
  const fold = make("div", { class: "fold fields", hidden: !open.has(name) });
  const inFold = makeFold(row, set, act);
  fold.append(...inFold.elements);
  const warning = make("p", { class: "alert", role: "status" });
  const numbers = make("span", { class: "numbers" }, ...Object.values(beside).map(({ element }) => element));
  const line = make("div", { class: "outcome-line" }, title.element, want.element, numbers);
  wireOpener(title.element, fold, (isOpen) => { isOpen ? open.add(name) : open.delete(name); });
  title.element.setAttribute("aria-expanded", String(open.has(name)));
  row.element = make("li", { class: "outcome" }, line, warning, fold);
  row.update = (shared) => {
    const { now } = row;
    const shown = BESIDE[now.want] ?? [];
    want.write(WANTS, Object.keys(WANTS), now.want);
    const isAcross = now.at_least !== null && now.at_most !== null && now.at_least > now.at_most;
    for (const [key, field] of Object.entries(beside)) {
      field.element.hidden = !shown.includes(key);
      field.write(now[key], row.about.unit, recordedWords(row.about), isAcross);
    }
    title.write(row.about, summaryOfOutcome(row.about, now));
    inFold.update(shared, shown);
    warning.hidden = !isAcross && !row.about.warning;
    setText(warning, isAcross ? "At least is above At most." : row.about.warning);
  };
  return row;
}

/** Its name with the unit and what else is set, as the button that opens the fold. */
function makeOutcomeTitle(name) {
  const label = make("span", { class: "name", text: name });
  const summary = make("span", { class: "summary" });
  const element = make("button", { type: "button", class: "opener" }, make("span", { class: "words" }, label, summary));
  const write = ({ unit, formula }, words) => {
    setText(label, labelOf({ name, unit }));
    setText(summary, words);
    element.title = formula ? `${name} = ${formula}` : `${labelOf({ name, unit })}: ${words}`;
  };
  return { element, write };
}

/** A number in the row: its label is read aloud only, the choice beside it says the same. */
function makeNumber(row, key, set) {
  const label = key === "value" ? "Value" : LIMITS[key];
  const { name } = row.now;
  const field = makeTyped(`${name}: ${label}`, (value) => set({ [key]: value }));
  const input = field.element.querySelector("input");
  const write = (value, unit, help, isWrong) => {
    field.write(value, unit, help);
    if (isWrong) input.setAttribute("aria-invalid", "true");
  };
  return { element: field.element, write };
}

/** What is rarely changed of an outcome. */
function makeFold(row, set, act) {
  const { name } = row.now;
  const confidence = makeChoice("Limit holds", (value) => set({ confidence: value === "prediction" ? null : Number(value) }));
  confidence.element.classList.add("wider");
  const of = makeChoice("Of", (value) => set({ of: value }));
  const over = makeChoice("Curve over", (value) => set({ feature: value }));
  const importance = makeChoice("Importance", (value) => set({ importance: Number(value) }));
  const labels = { at_least: "At least", at_most: "At most", start: "From", end: "To", at: "At", worst: "Worst", best: "Best" };
  const typed = Object.fromEntries(Object.entries(labels).map(([key, label]) => [key, makeTyped(label, (value) => set({ [key]: value }))]));
  const button = (text, what) => {
    const made = make("button", { type: "button", class: "link", text, "aria-label": `${text}: ${name}` });
    made.onclick = () => act(name, what);
    return made;
  };
  const about = make("p", { class: "about-outcome" });
  const edit = button("Edit formula", "edit");
  const acts = make("span", { class: "acts" }, edit, button("Remove", "remove"));
  const elements = [typed.at_least, typed.at_most, confidence, of, over, typed.start, typed.end, typed.at, importance, typed.worst, typed.best]
    .map(({ element }) => element);
  const update = ({ isDesirability, confidences }, beside) => {
    const { now, about: known } = row;
    const isGoal = GOALS.includes(now.want);
    const isLimited = now.at_least !== null || now.at_most !== null;
    for (const key of ["at_least", "at_most"]) typed[key].element.hidden = !isGoal || beside.includes(key);
    confidence.element.hidden = !(isLimited && known.has_confidence);
    const levels = [...new Set([...confidences, ...(now.confidence ? [now.confidence] : [])])].sort((a, b) => a - b);
    const words = { prediction: "by the prediction", ...Object.fromEntries(levels.map((each) => [each, `with ${showNumber(100 * each)} % confidence`])) };
    confidence.write(words, ["prediction", ...levels.map(String)], now.confidence === null ? "prediction" : String(now.confidence));
    const isCurve = now.of !== "outcome";
    of.element.hidden = !known.sweepable.length;
    of.write(KINDS, Object.keys(KINDS), now.of);
    over.write(Object.fromEntries(known.sweepable.map((each) => [each, each])), known.sweepable, now.feature);
    for (const part of [over, typed.start, typed.end]) part.element.hidden = !isCurve;
    typed.at.element.hidden = now.of !== "point";
    importance.element.hidden = !(isGoal && isDesirability);
    importance.write(IMPORTANCES, Object.keys(IMPORTANCES), String(now.importance));
    typed.worst.element.hidden = !(isGoal && isDesirability);
    typed.best.element.hidden = !(isGoal && isDesirability && now.want !== "value");
    const [low, high] = endsOfRecorded(known);
    for (const [key, field] of Object.entries(typed)) field.write(now[key], "", ["start", "end", "at"].includes(key) ? "" : recordedWords(known));
    const isFalling = now.want === "minimum";
    typed.worst.element.querySelector("input").placeholder = showNumber(isFalling ? high : low);
    typed.best.element.querySelector("input").placeholder = showNumber(isFalling ? low : high);
    setText(about, [known.formula && `= ${known.formula}`, recordedWords(known)].filter(Boolean).join("; "));
    edit.hidden = !known.formula;
  };
  return { elements: [...elements, about, acts], update };
}

/** Numbers for what was chosen without any: what was recorded, or the limit on the other side. */
function proposed({ about, now }, want) {
  const [, low, middle, high] = about.recorded.length ? about.recorded : [null, null, null, null];
  if (want === "value") return { value: now.value ?? middle };
  if (want === "at_least") return { at_least: now.at_least ?? now.at_most ?? middle, at_most: null };
  if (want === "at_most") return { at_most: now.at_most ?? now.at_least ?? middle, at_least: null };
  if (want === "between") return { at_least: now.at_least ?? Math.min(low, now.at_most ?? low), at_most: now.at_most ?? Math.max(high, now.at_least ?? high) };
  return want === "shown" ? { at_least: null, at_most: null } : {};
}

const endsOfRecorded = ({ recorded }) => [recorded[0], recorded[recorded.length - 1]];

function recordedWords(known) {
  if (!known.recorded.length) return "";
  const [low, high] = endsOfRecorded(known).map((each) => inWords(showNumber(each)));
  return `on recorded rows ${withUnit(`${low} to ${high}`, known.unit)}`;
}

function summaryOfOutcome(known, now) {
  const words = [];
  if (now.of !== "outcome") words.push(now.of === "point" ? `at ${now.feature} ${showNumber(now.at)}` : `${now.of} over ${now.feature}`);
  const isGoal = GOALS.includes(now.want);
  for (const [key, label] of Object.entries(LIMITS)) if (isGoal && now[key] !== null) words.push(`${label.toLowerCase()} ${showNumber(now[key])}`);
  const isLimited = now.at_least !== null || now.at_most !== null;
  if (isLimited && known.has_confidence) words.push(now.confidence === null ? "by the prediction" : `with ${showNumber(100 * now.confidence)} % confidence`);
  return words.join(", ") || recordedWords(known).replace("on recorded rows", "recorded");
}
