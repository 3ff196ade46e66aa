/** What is told in words: numbers beside the plots, the tooltip, and the sentence for those who do not see them. */

import { make, setText } from "../../browser/dom.js";
import { clamp, digitsFor, formatNumber, withUnit } from "../../browser/numbers.js";
import { lineageColour } from "../../browser/theme.js";
import { climbAt } from "./plots/climb.js";
import { bestOfGoals, goalOf, goalOfRecorded, nameOfBest } from "./plots/front.js";
import { COLUMN, cell, countsAt, isBroken, lastNumber, numberAt, rowAt } from "./store.js";

const STATUS = {
  none: "Ready",
  queued: "Queued",
  running: "Live",
  done: "Finished",
  failed: "Failed",
  cancelled: "Stopped",
  interrupted: "Interrupted",
};

/** How many digits each quantity is shown with: fixed for a scene, so that numbers do not jitter. */
export function digitsOf(scene) {
  const span = (value) => scene.recorded.high[value] - scene.recorded.low[value];
  return {
    outcome: digitsFor(span(0)),
    density: scene.density ? digitsFor(scene.density.tolerance * 4) : 0,
    features: scene.features.map(({ low, high }, j) => digitsFor(Math.max(high - low, span(j + 1) || 0))),
    goals: scene.goals.map((_, j) => digitsFor(span(scene.features.length + 3 + j))),
  };
}

const quantity = (value, digits, unit) => withUnit(formatNumber(value, digits), unit);

/** A density against its target, in words. */
function densityNote(density, value) {
  if (!Number.isFinite(value)) return "";
  const distance = (value - density.target) / (density.tolerance || 1);
  if (Math.abs(distance) <= density.usual) return "as usual";
  return distance > 0 ? "heavier than usual" : "lighter than usual";
}

export function statusOf({ state, isFinal, isShown, isPlaying, atNewest, isHeld, isClimbing, has }) {
  if (isClimbing) return { name: "climb", text: "Final climb" };
  if (isHeld && !isFinal) return { name: "paused", text: "Search paused" };
  if (isFinal && isShown && (isPlaying || !atNewest)) return { name: "replay", text: "Replay" };
  if (isFinal && !isShown) return { name: "replay", text: "Done, slowed down" };
  if (state === "running" && has && !isPlaying) return { name: "paused", text: "Paused, run goes on" };
  return { name: state, text: STATUS[state] ?? state };
}

/** Begin the numbers of a scene: of several goals, a cell for the best of each. */
export function showGoals(view) {
  const { parts, scene, digits } = view;
  for (const { box } of view.goalCells ?? []) box.remove();
  view.goalCells = scene.goals.map((goal, j) => {
    const name = nameOfBest(goal, digits.goals[j]);
    const [number, unit] = [make("b", { text: "–" }), make("span")];
    const box = make("div", { class: "goal", title: name }, make("dt", { text: name }), make("dd", { class: "value" }, number, unit));
    parts["density-block"].before(box);
    return { box, number, unit };
  });
  setText(parts["best-title"], scene.goals.length ? "On the front" : "Best so far");
}

export function showNumbers({ parts, digits, isFinal, endNote, goalCells }, { scene, store, best, leaders, t }) {
  const counts = countsAt(store, t);
  const has = counts.generation !== null;
  const u = climbAt(store, t);
  const last = store.climb ? numberAt(store, store.climb.at - 1) : lastNumber(store);
  setText(parts.generation, has ? formatNumber(Math.min(counts.generation, last), 0) : "–");
  setText(parts["generation-of"], has && isFinal ? `of ${formatNumber(last, 0)}` : "");
  setText(parts["climb-note"], u > 0 ? climbWords(store.climb) : has && isFinal && store.climb ? "then a final climb" : "");
  setText(parts.evaluations, has ? formatNumber(counts.evaluations, 0) : "–");
  setText(parts.budget, scene.budget ? `of ${formatNumber(scene.budget, 0)}` : "");
  const share = scene.budget ? clamp(counts.evaluations / scene.budget, 0, 1) : 0;
  parts["budget-bar"].style.transform = `scaleX(${share})`;
  const isEnd = isFinal && t >= store.numbers.length;
  const nLeft = scene.budget - counts.evaluations;
  const left = `${formatNumber(nLeft, 0)} ${store.climb ? "not needed" : "left"}`;
  setText(parts["end-note"], isEnd && has && scene.budget && nLeft > 0 ? left : "");
  parts["end-note"].title = endNote;
  setText(parts.living, has ? formatNumber(counts.nLiving, 0) : "–");
  const born = formatNumber(counts.nBorn, 0);
  setText(parts.born, !has ? "" : counts.nBorn && !counts.nLiving ? `all ${born} have ended` : `of ${born} born`);
  const merged = counts.nMerged ? `, ${formatNumber(counts.nMerged, 0)} merged` : "";
  const dropped = counts.nDropped ? `, ${formatNumber(counts.nDropped, 0)} dropped` : "";
  setText(parts.ended, has ? `${formatNumber(counts.nExtinct, 0)} extinct${merged}${dropped}` : "");
  if (leaders) {
    showLeaders(parts, scene, store, leaders, has);
    bestOfGoals(scene, store, t, leaders).forEach((found, j) => {
      setText(goalCells[j].number, found ? formatNumber(found.value, digits.goals[j]) : "–");
      setText(goalCells[j].unit, found ? scene.goals[j].unit : "");
    });
    return counts;
  }
  setText(parts.outcome, best ? formatNumber(cell(store, best.row, COLUMN.outcome), digits.outcome) : "–");
  setText(parts["outcome-unit"], best ? scene.outcome.unit : "");
  const since = best && best.at === store.climb?.at
    ? "since the final climb"
    : best && `since generation ${formatNumber(numberAt(store, best.at), 0)}`;
  const none = has && store.nBroken ? "none keeps the limits" : "";
  setText(parts["best-note"], best ? `lineage ${best.id}, ${since}` : none);
  if (scene.density) showDensity(parts, scene.density, digits, best ? cell(store, best.row, COLUMN.density) : NaN);
  return counts;
}

/** How many lineages are on the front. */
function showLeaders(parts, scene, store, leaders, has) {
  setText(parts.outcome, has ? formatNumber(leaders.size, 0) : "–");
  setText(parts["outcome-unit"], has ? (leaders.size === 1 ? "candidate" : "candidates") : "");
  setText(parts["best-note"], has && !leaders.size && store.nBroken ? "none keeps the limits" : "");
}

/** The front in words: how many are on it, and the best of each goal. */
function frontWords({ scene, store, t, leaders }, digits) {
  const best = bestOfGoals(scene, store, t, leaders).map((found, j) => {
    const goal = scene.goals[j];
    const name = goal.is_higher_better === null ? nameOfBest(goal, digits.goals[j]) : `${goal.is_higher_better ? "highest" : "lowest"} ${goal.name}`;
    return found && `${name} ${quantity(found.value, digits.goals[j], goal.unit)}`;
  });
  const n = `${leaders.size} ${leaders.size === 1 ? "candidate" : "candidates"} on the front`;
  return leaders.size ? `${n}: ${best.join(", ")}` : n;
}

/** How many climbed at the end, and to how many tops. */
function climbWords({ n, nTops }) {
  return `${formatNumber(n, 0)} climbed to ${formatNumber(nTops, 0)} ${nTops === 1 ? "top" : "tops"}`;
}

/** The gauge spans three tolerances to either side; the mark of what lies outside rests at its end. */
function showDensity(parts, density, digits, value) {
  setText(parts.density, formatNumber(value, digits.density));
  setText(parts["density-unit"], Number.isFinite(value) ? density.unit : "");
  const [target, tolerance] = [density.target, density.tolerance].map((number) => formatNumber(number, digits.density));
  setText(parts["density-note"], densityNote(density, value) || `usual ${target} ± ${tolerance}`);
  parts["density-note"].title = `usual: ${target} ± ${withUnit(tolerance, density.unit)}`;
  const distance = (value - density.target) / (density.tolerance || 1);
  parts["density-mark"].hidden = !Number.isFinite(distance);
  if (Number.isFinite(distance)) {
    parts["density-mark"].style.left = `${50 + (clamp(distance, -3, 3) / 3) * 50}%`;
    parts["density-mark"].classList.toggle("is-off", Math.abs(distance) > density.usual);
  }
}

/** The state of the picture in a sentence. */
export function sentenceOf({ digits, isFinal }, frame, counts, status) {
  const { scene, store, best } = frame;
  if (counts.generation === null) return `${status}. No generation yet; ${scene.recorded.n} recorded rows are shown.`;
  const last = store.climb ? numberAt(store, store.climb.at - 1) : lastNumber(store);
  const parts = [`${status}: generation ${Math.min(counts.generation, last)}${isFinal ? ` of ${last}` : ""}`];
  const counted = [`${counts.nLiving} living`, `${counts.nExtinct} extinct`];
  if (counts.nMerged) counted.push(`${counts.nMerged} merged`);
  if (counts.nDropped) counted.push(`${counts.nDropped} dropped`);
  parts.push(`${counts.nBorn} lineages born: ${counted.slice(0, -1).join(", ")} and ${counted[counted.length - 1]}`);
  if (store.climb && counts.generation === lastNumber(store)) parts.push(`in the final climb ${climbWords(store.climb)}`);
  if (frame.leaders) parts.push(frontWords(frame, digits));
  else if (!best && store.nBroken) parts.push("no candidate keeps the limits");
  if (best) {
    const outcome = quantity(cell(store, best.row, COLUMN.outcome), digits.outcome, scene.outcome.unit);
    parts.push(`best ${scene.outcome.name} ${outcome} by lineage ${best.id}`);
    const density = cell(store, best.row, COLUMN.density);
    if (scene.density && Number.isFinite(density)) {
      const text = quantity(density, digits.density, scene.density.unit);
      parts.push(`its density ${text}, ${densityNote(scene.density, density)}`);
    }
  }
  return `${parts.join(", ")}.`;
}

const line = (name, value, kind = null) => make("div", { class: kind }, make("span", { text: name }), make("b", { text: value }));

/** The outcome, or each of several goals. */
function outcomeLines({ outcome, goals }, digits, value, goalAt) {
  if (!goals.length) return [line(outcome.name, quantity(value, digits.outcome, outcome.unit))];
  return goals.map(({ name, unit }, j) => line(name, quantity(goalAt(j), digits.goals[j], unit)));
}

function featureLines(scene, digits, at) {
  const moved = scene.features.map((feature, j) => ({ ...feature, j })).filter((feature) => !feature.is_swept);
  const shown = moved.slice(0, 12).map(({ name, unit, categories, j }) => {
    const value = at(j);
    const text = categories.length ? categories[Math.round(value)] ?? "–" : formatNumber(value, digits.features[j]);
    return line(name, withUnit(text, unit), "feature");
  });
  const nMore = moved.length - shown.length;
  return nMore > 0 ? [...shown, line(`and ${nMore} more`, "", "feature")] : shown;
}

function scoreLine({ score_scale: scale, outcome }, digits, score) {
  if (!scale) return line("Score", formatNumber(score, 2));
  return line(scale.name, quantity(scale.factor * score, digits.outcome, outcome.unit));
}

function endOf(track, { decisions, t }) {
  if (track.dropped <= t) {
    const isChosen = (decisions ?? []).some(([, kind, id]) => kind === "drop" && id === track.id);
    return isChosen ? "dropped by you" : "dropped, as it was like one that you dropped,";
  }
  if (!track.isMerged) return "extinct";
  return track.into >= 0 ? `merged with lineage ${track.into}, which climbed the same hill,` : "merged: its hill was known,";
}

/** Fill the tooltip with what was found under the pointer. */
export function fillTip(tip, frame, digits, found) {
  const { scene, store, theme } = frame;
  const title = make("strong");
  const lines = [];
  if (found.kind === "lineage") {
    const track = store.byId.get(found.id);
    const row = rowAt(track, frame.t);
    const hasEnded = track.end <= frame.t;
    const dot = make("i");
    dot.style.background = hasEnded ? theme.label : lineageColour(theme, track.id);
    title.append(dot, `Lineage ${track.id}`);
    const nImproved = track.at.filter((at) => at <= frame.t).length - 1;
    const times = nImproved === 1 ? "once" : `${Math.max(0, nImproved)} times`;
    const number = (at) => formatNumber(numberAt(store, at), 0);
    const end = hasEnded ? `, ${endOf(track, frame)} at ${number(track.dropped <= frame.t ? track.dropped : track.end)}` : "";
    const beginning = track.isFresh ? "a fresh start" : "one of the best until then";
    const story = track.isClimb ? `Rose in the final climb from ${beginning}` : `Born at generation ${number(track.born)}, improved ${times}`;
    lines.push(line(`${story}${end}`, "", "story"));
    const at = (name, unit) => quantity(cell(store, row, COLUMN[name]), digits[name], unit);
    lines.push(...outcomeLines(scene, digits, cell(store, row, COLUMN.outcome), (j) => goalOf(store, row, j)));
    if (isBroken(store, row)) lines.push(line("Breaks a limit", ""));
    else if (frame.leaders?.has(track.id)) lines.push(line("On the front", ""));
    else if (scene.is_penalised && !scene.goals.length) lines.push(scoreLine(scene, digits, cell(store, row, COLUMN.score)));
    if (scene.density) lines.push(line("Density", at("density", scene.density.unit)));
    lines.push(...featureLines(scene, digits, (j) => cell(store, row, COLUMN.features + j)));
  } else {
    const rows = found.kind === "recorded" ? scene.recorded : frame.representatives;
    const at = (column) => rows.values[found.id * rows.width + column];
    title.append(found.kind === "recorded" ? "Recorded row" : `Result ${found.id + 1}`);
    lines.push(...outcomeLines(scene, digits, at(0), (j) => goalOfRecorded(rows, scene.goals, found.id, j)));
    lines.push(...featureLines(scene, digits, (j) => at(1 + j)));
  }
  tip.replaceChildren(title, ...lines);
}
