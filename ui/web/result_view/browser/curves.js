/** The outcome along the sweep feature: a curve for every row, and the interval of the one that speaks. */

import { formatNumber, labelOf, niceTicks, rangeOfValues, tickDigits, withUnit } from "../../browser/numbers.js";
import { makeSvg } from "../../browser/svg.js";
import { frameOf, marginFor, pathOf } from "./drawing.js";
import { choose, describedRow, highlight, leave, rowUnder, tip } from "./linking.js";

export function showCurves(view) {
  const { svg, width, height, font } = view.plots.curves;
  const info = view.data.curves;
  const { grid } = info;
  const heights = view.rows.flatMap(({ curve, low, high, measured }) =>
    [...(curve ?? []), ...(low ?? []), ...(high ?? []), ...(measured ? [measured[1]] : [])]);
  const range = rangeOfValues(heights.map((value) => value ?? NaN), 0.04);
  const left = marginFor(range, height, font);
  const rect = { left, top: 20, width: width - left - 12, height: height - 56 };
  const x = { range: [grid[0], grid[grid.length - 1]], title: labelOf(info) };
  const y = { range, title: labelOf({ name: info.outcome, unit: info.outcomeUnit }) };
  const { toX, toY, parts } = frameOf(rect, x, y, font);
  view.curves = { toX, toY, rect, band: makeSvg("path", { class: "band" }) };
  const lines = view.rows.map((row, i) => curveOf(view, row, i)).filter(Boolean).reverse();
  const at = info.at === null ? [] : [makeSvg("path", { class: "asked", d: `M${toX(info.at)} ${rect.top}v${rect.height}` })];
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", info.words);
  svg.replaceChildren(makeSvg("g", {}, ...parts), view.curves.band, ...at, ...lines);
}

function curveOf(view, row, i) {
  const { toX, toY, rect } = view.curves;
  const { grid } = view.data.curves;
  const parts = [];
  if (row.curve) {
    const d = pathOf(row.curve.map((value, j) => [toX(grid[j]), toY(value ?? NaN)]));
    parts.push(makeSvg("path", { class: "line", d, "stroke-dasharray": row.dash }), makeSvg("path", { class: "reach", d }));
  }
  const [mx, my] = row.measured ? [toX(row.measured[0]), toY(row.measured[1])] : [NaN, NaN];
  if (mx >= rect.left - 1 && mx <= rect.left + rect.width + 1) parts.push(makeSvg("circle", { class: "ring", cx: mx, cy: my, r: 4 }));
  return parts.length ? makeSvg("g", { class: `row ${row.kind}`, "data-row": i, "--colour": row.colour || null }, ...parts) : null;
}

/** The interval of the row that speaks. */
export function followCurves(view) {
  if (!view.curves) return;
  const row = view.rows[describedRow(view)];
  const { band, toX, toY } = view.curves;
  const { grid } = view.data.curves;
  const isKnown = Boolean(row?.low && row.high);
  band.setAttribute("d", isKnown ? `${edge(grid, row.low, toX, toY)}${edge(grid, row.high, toX, toY, true)}z` : "");
  band.style.setProperty("--colour", row?.colour || "currentColor");
}

function edge(grid, values, toX, toY, isBack = false) {
  const points = values.map((value, j) => `${toX(grid[j]).toFixed(1)} ${toY(value).toFixed(1)}`);
  return isBack ? `L${points.reverse().join("L")}` : `M${points.join("L")}`;
}

export function wireCurves(view) {
  const { svg } = view.plots.curves;
  svg.addEventListener("pointermove", (event) => {
    const row = rowUnder(event);
    highlight(view, row);
    tip(view, row === null ? null : wordsAt(view, row, event), { x: event.clientX, y: event.clientY });
  });
  svg.addEventListener("pointerleave", () => leave(view));
  svg.addEventListener("click", (event) => {
    const row = rowUnder(event);
    if (row !== null) choose(view, row);
  });
}

/** The value of a curve nearest to the pointer. */
function wordsAt(view, row, event) {
  const { name, curve, low, high, measured } = view.rows[row];
  const info = view.data.curves;
  const { toX } = view.curves;
  const px = event.clientX - view.plots.curves.svg.getBoundingClientRect().left;
  const j = info.grid.reduce((best, value, i) => (Math.abs(toX(value) - px) < Math.abs(toX(info.grid[best]) - px) ? i : best), 0);
  const ticks = niceTicks(info.grid[0], info.grid[info.grid.length - 1], 20);
  const at = withUnit(formatNumber(info.grid[j], Number.isInteger(info.grid[j]) ? 0 : tickDigits(ticks)), info.unit);
  const value = (number) => formatNumber(number, Math.abs(number) >= 1000 ? 0 : 1);
  const between = low && high ? ` (${value(low[j])} to ${value(high[j])})` : "";
  const lines = curve ? [`${info.name} ${at}: ${withUnit(value(curve[j]) + between, info.outcomeUnit)}`] : [];
  if (measured) lines.push(`measured at ${formatNumber(measured[0], 0)}: ${withUnit(value(measured[1]), info.outcomeUnit)}`);
  return [name, ...lines];
}
