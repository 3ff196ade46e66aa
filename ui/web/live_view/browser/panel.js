/** What is told in words: numbers beside the plots, the tooltip, and the sentence for those who do not see them. */

import { make, setText } from "../../browser/dom.js";
import { clamp, digitsFor, formatNumber, withUnit } from "../../browser/numbers.js";
import { lineageColour } from "../../browser/theme.js";
import { COLUMN, cell, countsAt, lastNumber, numberAt, rowAt } from "./store.js";

const STATUS = {
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
  };
}

const quantity = (value, digits, unit) => withUnit(formatNumber(value, digits), unit);

/** A density against its target, in words. */
function densityNote(density, value) {
  if (!Number.isFinite(value)) return "";
  const distance = (value - density.target) / (density.tolerance || 1);
  if (Math.abs(distance) <= density.usual) return "as usual";
  return `${formatNumber(Math.abs(distance), 1)} tolerances ${distance > 0 ? "above" : "below"} usual`;
}

export function statusOf({ state, isFinal, isShown, isPlaying, atNewest, isHeld }) {
  if (isHeld && !isFinal) return { name: "paused", text: "Search paused" };
  if (isFinal && isShown && (isPlaying || !atNewest)) return { name: "replay", text: "Replay" };
  if (isFinal && !isShown) return { name: "replay", text: "Done, shown slowed down" };
  if (state === "running" && !isPlaying) return { name: "paused", text: "Paused, run goes on" };
  return { name: state, text: STATUS[state] ?? state };
}

export function showNumbers(parts, { scene, store, digits, best, t, isFinal }) {
  const counts = countsAt(store, t);
  const has = counts.generation !== null;
  setText(parts.generation, has ? formatNumber(counts.generation, 0) : "–");
  setText(parts["generation-of"], has && isFinal ? `of ${formatNumber(lastNumber(store), 0)}` : "");
  setText(parts.evaluations, has ? formatNumber(counts.evaluations, 0) : "–");
  setText(parts.budget, scene.budget ? `of ${formatNumber(scene.budget, 0)}` : "");
  const share = scene.budget ? clamp(counts.evaluations / scene.budget, 0, 1) : 0;
  parts["budget-bar"].style.transform = `scaleX(${share})`;
  setText(parts.living, has ? formatNumber(counts.nLiving, 0) : "–");
  setText(parts.born, has ? `of ${formatNumber(counts.nBorn, 0)} born` : "");
  const merged = counts.nMerged ? `, ${formatNumber(counts.nMerged, 0)} merged` : "";
  const dropped = counts.nDropped ? `, ${formatNumber(counts.nDropped, 0)} dropped` : "";
  setText(parts.ended, has ? `${formatNumber(counts.nExtinct, 0)} extinct${merged}${dropped}` : "");
  setText(parts.outcome, best ? formatNumber(cell(store, best.row, COLUMN.outcome), digits.outcome) : "–");
  setText(parts["outcome-unit"], best ? scene.outcome.unit : "");
  setText(parts["best-note"], best ? `lineage ${best.id}, since generation ${formatNumber(numberAt(store, best.at), 0)}` : "");
  if (scene.density) showDensity(parts, scene.density, digits, best ? cell(store, best.row, COLUMN.density) : NaN);
  return counts;
}

/** The gauge spans three tolerances to either side; the mark of what lies outside rests at its end. */
function showDensity(parts, density, digits, value) {
  setText(parts.density, formatNumber(value, digits.density));
  setText(parts["density-unit"], Number.isFinite(value) ? density.unit : "");
  const [target, tolerance] = [density.target, density.tolerance].map((number) => formatNumber(number, digits.density));
  const note = densityNote(density, value);
  setText(parts["density-note"], `${note}\ntarget ${target} ± ${tolerance}`);
  const distance = (value - density.target) / (density.tolerance || 1);
  parts["density-mark"].hidden = !Number.isFinite(distance);
  if (Number.isFinite(distance)) {
    parts["density-mark"].style.left = `${50 + (clamp(distance, -3, 3) / 3) * 50}%`;
    parts["density-mark"].classList.toggle("is-off", Math.abs(distance) > density.usual);
  }
}

/** The state of the picture in a sentence. */
export function sentenceOf({ scene, store, digits, best, counts, status, isFinal }) {
  if (counts.generation === null) return `${status}. No generation yet; ${scene.recorded.n} recorded rows are shown.`;
  const parts = [`${status}: generation ${counts.generation}${isFinal ? ` of ${lastNumber(store)}` : ""}`];
  const counted = [`${counts.nLiving} living`, `${counts.nExtinct} extinct`];
  if (counts.nMerged) counted.push(`${counts.nMerged} merged`);
  if (counts.nDropped) counted.push(`${counts.nDropped} dropped`);
  parts.push(`${counts.nBorn} lineages born: ${counted.slice(0, -1).join(", ")} and ${counted[counted.length - 1]}`);
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
    lines.push(line(`Born at generation ${number(track.born)}, improved ${times}${end}`, "", "story"));
    const at = (name, unit) => quantity(cell(store, row, COLUMN[name]), digits[name], unit);
    lines.push(line(scene.outcome.name, at("outcome", scene.outcome.unit)));
    lines.push(line("Score", formatNumber(cell(store, row, COLUMN.score), 2)));
    if (scene.density) lines.push(line("Density", at("density", scene.density.unit)));
    lines.push(...featureLines(scene, digits, (j) => cell(store, row, COLUMN.features + j)));
  } else {
    const rows = found.kind === "recorded" ? scene.recorded : frame.representatives;
    const at = (column) => rows.values[found.id * rows.width + column];
    title.append(found.kind === "recorded" ? "Recorded row" : `Result ${found.id + 1}`);
    lines.push(line(scene.outcome.name, quantity(at(0), digits.outcome, scene.outcome.unit)));
    lines.push(...featureLines(scene, digits, (j) => at(1 + j)));
  }
  tip.replaceChildren(title, ...lines);
}
