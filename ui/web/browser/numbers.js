/** Numbers and ranges: how they read, and how they glide. */

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

export const withUnit = (text, unit) => (unit && text !== "–" ? `${text} ${unit}` : text);

/** A name with its unit, as axes show it. */
export const labelOf = ({ name, unit }) => (unit ? `${name} [${unit}]` : name);

/** A range of values, wider by a share of itself on both sides; [0, 1] where none is known. */
export function rangeOfValues(values, share) {
  const known = values.filter(Number.isFinite);
  if (!known.length) return [0, 1];
  return widened(Math.min(...known), Math.max(...known), share);
}

/** A range [low, high], wider by a share of itself on both sides and never empty. */
export function widened(low, high, share) {
  const room = (high - low || Math.abs(high) || 1) * share;
  return [low - room, high + room];
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

/** Move what is shown towards what is wanted by a share of the way, all of it where that is `near`; true on its way. */
export function glide(shown, wanted, share, near) {
  let isMoving = false;
  for (let i = 0; i < wanted.length; i += 1) {
    const gap = wanted[i] - shown[i];
    if (share === 1 || !(Math.abs(gap) > near)) shown[i] = wanted[i];
    else {
      shown[i] += gap * share;
      isMoving = true;
    }
  }
  return isMoving;
}

/** Pixels of values on the two axes [low, high] of a rectangle, across and upwards. */
export const scalesOf = ({ left, top, width, height }, dx, dy) => ({
  x: (value) => left + ((value - dx[0]) / (dx[1] - dx[0] || 1)) * width,
  y: (value) => top + height - ((value - dy[0]) / (dy[1] - dy[0] || 1)) * height,
});

/** A place for a badge beside a point: within a rectangle and apart from places that others have. */
export function freePlace(others, x, y, rect, distances) {
  for (const distance of distances) {
    for (const angle of [-0.25, -0.75, 0.25, 0.75, 0, 1, -0.5, 0.5]) {
      const [bx, by] = [x + distance * Math.cos(angle * Math.PI), y + distance * Math.sin(angle * Math.PI)];
      const isInside = bx > rect.left + 8 && bx < rect.left + rect.width - 6 && by > rect.top + 6
        && by < rect.top + rect.height - 8;
      if (isInside && others.every(([ox, oy]) => Math.hypot(ox - bx, oy - by) > 15.5)) return [bx, by];
    }
  }
  return [x + distances[0], y - distances[0]];
}
