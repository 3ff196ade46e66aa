/** Colours, numbers and scales: pure helpers. */

// After Okabe and Ito: told apart with every common colour vision, and strong enough on their ground.
const CYCLE_ON_LIGHT = ["#0072b2", "#d98200", "#009e73", "#c0559a", "#d1490c", "#2f9fdb", "#7a5bb5", "#a68f00"];
const CYCLE_ON_DARK = ["#4fa9e8", "#f2b134", "#2fc79a", "#e58fc3", "#f5804a", "#8fd3fa", "#b9a2ee", "#e6da5c"];

let pixel = null;

/** The red, green and blue (0 to 255) of any CSS colour. */
function toRgb(colour) {
  pixel = pixel ?? document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  pixel.fillStyle = "#000";
  pixel.fillStyle = colour;
  pixel.fillRect(0, 0, 1, 1);
  return [...pixel.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

/** `share` of the colour a, the rest of b; both as [r, g, b]. */
function mix(a, b, share) {
  const parts = a.map((value, i) => Math.round(value * share + b[i] * (1 - share)));
  return `rgb(${parts[0]}, ${parts[1]}, ${parts[2]})`;
}

/** The colours and the font of the page's theme, and what is derived from them. */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name, fallback) => {
    const value = style.getPropertyValue(name).trim();
    return value && value !== "unset" ? value : fallback;
  };
  const text = toRgb(read("--st-text-color", "#31333f"));
  const ground = toRgb(read("--st-background-color", "#ffffff"));
  const isDark = 0.299 * ground[0] + 0.587 * ground[1] + 0.114 * ground[2] < 128;
  return {
    isDark,
    text: mix(text, ground, 1),
    ground: mix(ground, text, 1),
    label: mix(text, ground, 0.68),
    grid: mix(text, ground, isDark ? 0.13 : 0.09),
    axis: mix(text, ground, 0.22),
    recorded: mix(text, ground, isDark ? 0.18 : 0.14),
    curve: mix(text, ground, 0.42),
    extinct: (strength) => mix(text, ground, strength),
    primary: read("--st-primary-color", "#0072b2"),
    font: read("--st-font", "sans-serif"),
    cycle: isDark ? CYCLE_ON_DARK : CYCLE_ON_LIGHT,
  };
}

export function lineageColour(theme, id) {
  return theme.cycle[Math.abs(Math.round(id)) % theme.cycle.length];
}

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
export const lerp = (a, b, u) => a + (b - a) * u;
export const smooth = (u) => u * u * (3 - 2 * u);

/** How many digits after the point show a thousandth of a span. */
export function digitsFor(span) {
  return span > 0 && Number.isFinite(span) ? clamp(2 - Math.floor(Math.log10(span)), 0, 6) : 2;
}

/** A number in words, "–" where there is none. */
export function formatNumber(value, digits) {
  if (!Number.isFinite(value)) return "–";
  const text = value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return text.replace(/^-(?=[0.,]*$)/, "").replace("-", "−");
}

export function withUnit(text, unit) {
  return unit && text !== "–" ? `${text} ${unit}` : text;
}

/** About `count` round values inside [low, high]. */
export function niceTicks(low, high, count) {
  const span = high - low;
  if (!(span > 0)) return [low];
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw * 0.999) * power;
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) ticks.push(i * step);
  return ticks;
}

/** The digits that ticks of this spacing need. */
export function tickDigits(ticks) {
  const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : Math.abs(ticks[0]) || 1;
  for (let digits = 0; digits < 6; digits += 1) {
    if (Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) < 1e-6) return digits;
  }
  return 6;
}

/** The index of the first entry of an ascending list for which `at(entry) > value`. */
export function upperBound(list, value, at = (entry) => entry) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(list[middle]) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Move a shown range towards the wanted one; true while it is still on its way. */
export function easeRange(shown, wanted, dt) {
  const share = 1 - Math.exp(-dt / 0.16);
  const near = Math.abs(wanted[1] - wanted[0]) * 0.002;
  let isMoving = false;
  for (const i of [0, 1]) {
    if (Math.abs(wanted[i] - shown[i]) <= near || dt === Infinity) shown[i] = wanted[i];
    else {
      shown[i] = lerp(shown[i], wanted[i], share);
      isMoving = true;
    }
  }
  return isMoving;
}
