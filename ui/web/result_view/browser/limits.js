/** A slider for each limit: what tightening it costs is said at once, of what the search found. */

import { make, setText } from "../../browser/dom.js";
import { formatNumber, tickDigits, withUnit } from "../../browser/numbers.js";

/** Whether what is kept, a number for each limit, keeps the limits as the sliders stand; true where it is not known. */
export function keepsBounds(view, kept, bounds = view.bounds) {
  return (view.data.limits ?? []).every(({ isLow }, l) => {
    const value = kept?.[l] ?? null;
    return value === null || (isLow ? value >= bounds[l] : value <= bounds[l]);
  });
}

const asked = (view) => view.data.limits.map(({ bound }) => bound);

export function showLimits(view) {
  const { limits } = view.data;
  view.bounds = limits.map(({ bound }) => bound);
  view.parts.limits.hidden = !limits.length;
  view.parts["limits-rows"].replaceChildren(...limits.map((limit, l) => sliderOf(view, limit, l)));
  describeLimits(view);
}

function sliderOf(view, limit, l) {
  const { name, isLow, low, high, step, bound } = limit;
  const side = isLow ? "at least" : "at most";
  const input = make("input", { type: "range", min: low, max: high, step, value: bound, "aria-label": `${name} ${side}`, "data-limit": l });
  const output = make("output", { text: boundText(view, l, bound) });
  input.addEventListener("input", () => {
    const value = Number(input.value);
    // back at the limit that was searched with, whatever the steps make of it
    view.bounds[l] = Math.abs(value - bound) < step / 2 ? bound : value;
    setText(output, boundText(view, l, view.bounds[l]));
    input.setAttribute("aria-valuetext", boundText(view, l, view.bounds[l]));
    describeLimits(view);
    view.afterLimits();
  });
  return make("label", { class: "limit-row" }, make("span", { text: `${name} ${side}` }), input, output);
}

const boundText = (view, l, value) => withUnit(boundNumber(view, l, value), view.data.limits[l].unit);

function boundNumber(view, l, value) {
  const { step, bound } = view.data.limits[l];
  return formatNumber(value, value === bound ? digitsOf(bound) : tickDigits([0, step]));
}

const digitsOf = (value) => Math.min(6, (String(value).split(".")[1] ?? "").length);

/** What the limits cost as they stand, beside those that were searched with. */
function describeLimits(view) {
  const { parts, bounds } = view;
  const moved = view.data.limits.map((_, l) => l).filter((l) => bounds[l] !== view.data.limits[l].bound);
  parts["limits-search"].hidden = !moved.length || !view.data.searches;
  parts["limits-back"].hidden = !moved.length;
  setText(parts["limits-search"], moved.length > 1 ? "Search with these limits" : "Search with this limit");
  setText(parts["limits-words"], moved.length ? costWords(view, moved) : "Move a limit to see what it costs, of what this search found.");
}

function costWords(view, moved) {
  const { limits, pool, front } = view.data;
  const said = moved.map((l) => {
    const { name, isLow, bound } = limits[l];
    return `${name} ${isLow ? "at least" : "at most"} ${boundText(view, l, view.bounds[l])} instead of ${boundNumber(view, l, bound)}`;
  }).join(", ");
  const keepers = (bounds) => pool.values.filter((_, i) => keepsBounds(view, pool.kept[i], bounds));
  const [before, now] = [keepers(asked(view)), keepers(view.bounds)];
  const start = said.charAt(0).toUpperCase() + said.slice(1);
  if (!now.length) return `${start}: nothing that this search found keeps it. Search with it to see whether anything does.`;
  const costs = front ? frontCosts(view, before, now) : goalCosts(view, before, now);
  const results = view.rows.filter(({ kind }) => kind === "result");
  const kept = results.filter(({ kept: own }) => keepsBounds(view, own)).map(({ number }) => number);
  const which = kept.length === results.length ? "" : kept.length ? ` Of the results, ${kept.join(", ")} ${kept.length > 1 ? "keep" : "keeps"} it.` : " No result keeps it.";
  const share = front ? ` ${now.length} of ${before.length} candidates keep it.` : "";
  return `${start}: ${costs}.${share}${which}`;
}

/** The best of one goal, or of several in one desirability: candidates come best first. */
function goalCosts(view, before, now) {
  const goals = view.data.outcomes.map((_, j) => j).filter((j) => view.data.outcomes[j].goal);
  const said = goals.map((j) => change(view, j, goals.length > 1 ? "" : "best", before[0]?.[j], now[0][j]).trim()).join(", ");
  return goals.length > 1 ? `the most desirable has ${said}` : said;
}

function frontCosts(view, before, now) {
  const bestOf = (j, rows) => {
    const { goal, target } = view.data.outcomes[j];
    const values = rows.map((row) => row[j]).filter(Number.isFinite);
    if (goal === "value") return values.reduce((best, value) => (Math.abs(value - target) < Math.abs(best - target) ? value : best), Infinity);
    return goal === "minimum" ? Math.min(...values) : Math.max(...values);
  };
  const { outcomes, front } = view.data;
  return outcomes.slice(0, front.goals).map(({ best }, j) => change(view, j, best, bestOf(j, before), bestOf(j, now))).join(", ");
}

function change(view, j, best, was, is) {
  const { name, unit, decimals } = view.data.outcomes[j];
  const read = (value) => formatNumber(value, decimals);
  if (!Number.isFinite(was)) return `${best} ${name} ${withUnit(read(is), unit)}`;
  if (read(was) === read(is)) return `${best} ${name} ${best ? "stays" : "still"} ${withUnit(read(is), unit)}`;
  const percent = was ? (100 * (is - was)) / Math.abs(was) : 0;
  const share = Math.abs(percent) < 0.5 ? "" : ` (${percent > 0 ? "+" : "−"}${formatNumber(Math.abs(percent), 0)} %)`;
  return `${best} ${name} ${read(is)} instead of ${withUnit(read(was), unit)}${share}`;
}

export function wireLimits(view) {
  view.parts["limits-search"].addEventListener("click", () => view.search(view.bounds));
  view.parts["limits-back"].addEventListener("click", () => {
    showLimits(view);
    view.afterLimits();
    view.parts["limits-rows"].querySelector("input")?.focus();
  });
}
