/** The colours and the font of the page that a component stands in. */

// After Okabe and Ito: told apart with every common colour vision, and strong enough on their background.
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
  const background = toRgb(read("--st-background-color", "#ffffff"));
  const isDark = 0.299 * background[0] + 0.587 * background[1] + 0.114 * background[2] < 128;
  return {
    isDark,
    text: mix(text, background, 1),
    background: mix(background, text, 1),
    label: mix(text, background, 0.68),
    grid: mix(text, background, isDark ? 0.13 : 0.09),
    axis: mix(text, background, 0.22),
    recorded: mix(text, background, isDark ? 0.18 : 0.14),
    curve: mix(text, background, 0.42),
    extinct: (strength) => mix(text, background, strength),
    primary: read("--st-primary-color", "#0072b2"),
    font: read("--st-font", "sans-serif"),
    cycle: isDark ? CYCLE_ON_DARK : CYCLE_ON_LIGHT,
  };
}

export function lineageColour(theme, id) {
  return theme.cycle[Math.abs(Math.round(id)) % theme.cycle.length];
}
