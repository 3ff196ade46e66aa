/** The ground of the map: what its axes show, and where points lie. */

import { formatNumber } from "../look.js";
import { levelOf } from "./linking.js";
import { rangeOfValues, titled } from "./scales.js";

/** What the map can be drawn over: two components, the objective, every feature. */
export function mapAxes(view) {
  const { labels, recorded, archive } = view.data.map;
  const placesOfRows = (c) => view.rows.map(({ place }) => place?.[c] ?? NaN);
  const components = labels.map((title, c) => {
    const name = ["x", "y"][c];
    const range = rangeOfValues([...placesOfRows(c), ...recorded[name], ...archive[name]].map((value) => value ?? NaN), 0.04);
    return {
      key: `component-${c}`, name: `Component ${c + 1}`, title, range, isBlind: true,
      ofRow: (row) => row.place?.[c] ?? NaN, ofPoint: (cloud, i) => cloud[name][i] ?? NaN,
    };
  });
  const others = view.axes.map((axis, k) => {
    const value = (place) => axis.low + place * (axis.high - axis.low);
    const points = [recorded, archive].flatMap((cloud) => cloud.x.map((_, i) => value(levelOf(cloud, k, i))));
    const range = rangeOfValues([axis.low, axis.high, ...points], 0.03);
    const read = axis.categories.length ? (tick) => axis.categories[tick] ?? "" : (tick) => shortNumber(tick, range);
    return {
      key: `axis-${k}`, name: axis.name, title: titled(axis), range, read,
      ofRow: (row) => value(row.at[k] ?? NaN), ofPoint: (cloud, i) => value(levelOf(cloud, k, i)),
    };
  });
  // with one free feature there is no second component
  return spreads(placesOfRows(1)) || spreads(recorded.y) ? [...components, ...others] : others;
}

const spreads = (values) => values.some((value) => Number.isFinite(value) && Math.abs(value - values[0]) > 1e-6);

function shortNumber(tick, [low, high]) {
  const digits = Math.max(0, Math.min(6, 1 - Math.floor(Math.log10((high - low) / 4 || 1))));
  return formatNumber(tick, Number.isInteger(tick) ? 0 : digits);
}

/** Show what the map can be drawn over, and keep what the user chose. */
export function fillMapChoices(view) {
  const axes = mapAxes(view);
  const kept = (key, fallback) => (axes.some((axis) => axis.key === key) ? key : fallback);
  const [first, second] = axes[0].isBlind ? [axes[0].key, axes[1].key] : [axes[1]?.key ?? axes[0].key, axes[0].key];
  view.mapChoice = { x: kept(view.mapChoice?.x, first), y: kept(view.mapChoice?.y, second) };
  view.mapAxes = axes;
  for (const side of ["x", "y"]) {
    const chosen = view.mapChoice[side];
    const options = axes.map(({ key, name }) => new Option(name, key, false, key === chosen));
    view.parts[`map-${side}`].replaceChildren(...options);
  }
}

/** How strong the colour of each point of the archive is, 0 to 5; its outcome, read from the goal's better end. */
export function shadesOf(view, cloud) {
  const outcomes = cloud.x.map((_, i) => levelOf(cloud, 0, i));
  const known = outcomes.filter(Number.isFinite).sort((a, b) => a - b);
  // a few lineages that ended early and deep down would make all others look alike
  const cut = (share) => known[Math.round(share * (known.length - 1))] ?? 0;
  const [low, high] = view.goal === "minimum" ? [cut(0), cut(0.9)] : [cut(0.1), cut(1)];
  const share = (place) => (high > low ? Math.max(0, Math.min(1, (place - low) / (high - low))) : 1);
  const shades = outcomes.map((place) => {
    const strength = view.goal === "minimum" ? 1 - share(place) : share(place);
    return Number.isFinite(place) ? Math.round(5 * strength) : 0;
  });
  return { shades, ends: [low, high] };
}
