/** Sliders that stand on given values, and the numbers below them. */

import { inWords, makeTyped, showNumber } from "./fields.js";

const STRENGTHS = [0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3];
const NUMBERS = { n_results: "Results wanted", evaluations: "Budget", seed: "Seed" };

/** A slider over values in order; one that stands between two of them, or on none (null), says so in words. */
export function makeSteps(input, output, { wordsOf, onSet }) {
  let steps = [];
  let value = null;
  const show = () => {
    const words = wordsOf(value);
    output.textContent = words;
    input.setAttribute("aria-valuetext", words);
    input.style.setProperty("--share", `${(100 * Number(input.value)) / Math.max(steps.length - 1, 1)}%`);
  };
  const take = (isDone) => {
    value = steps[Number(input.value)];
    show();
    onSet(value, isDone);
  };
  input.oninput = () => take(false);
  input.onchange = () => take(true);
  return {
    update(wanted, given = steps) {
      steps = given;
      value = wanted;
      Object.assign(input, { min: 0, max: steps.length - 1, step: 1 });
      input.value = String(nearest(steps, wanted));
      input.classList.toggle("loose", wanted === null);
      show();
    },
  };
}

function nearest(steps, wanted) {
  if (wanted === null) return Math.floor((steps.length - 1) / 2);
  const exact = steps.indexOf(wanted);
  if (exact >= 0) return exact;
  return steps.reduce((best, each, i) => (Math.abs(each - wanted) < Math.abs(steps[best] - wanted) ? i : best), 0);
}

/**
 * A slider of mutation strength. null stands for the usual one, which the method knows: the slider then stands on it, and
 * says so as `usualWords` or, where these are empty, as a number; undefined stands for different ones.
 */
export function makeStrength(input, output, onSet, { most = Infinity, usualWords = "" } = {}) {
  let usual = 0;
  const wordsOf = (value) => {
    if (value === null) return "mixed";
    return (value === usual && usualWords) || (value === 0 ? "off" : showNumber(value));
  };
  const slider = makeSteps(input, output, { wordsOf, onSet: (value, isDone) => onSet(value === usual ? null : value, isDone) });
  return {
    update(value, usualNow) {
      usual = usualNow;
      const steps = [...new Set([...STRENGTHS, usual])].filter((each) => each <= most).sort((a, b) => a - b);
      slider.update(value === undefined ? null : (value ?? usual), steps);
    },
  };
}

/** Density penalty, how far to go, and the three numbers; `tell(isDone)` is called when the user changed one. */
export function makeKnobs(parts, tell) {
  let data = null;
  let now = {};
  const setting = (key) => (value, isDone) => {
    now[key] = value;
    tell(isDone);
  };
  const density = makeSteps(parts.density, parts["density-words"], {
    wordsOf: (value) => (value ? showNumber(value) : "off"),
    onSet: setting("density"),
  });
  const level = makeSteps(parts.level, parts["level-words"], {
    wordsOf: (value) => data.levels.find(({ name }) => name === value)?.label ?? "set by hand",
    onSet: setting("level"),
  });
  const numbers = Object.entries(NUMBERS).map(([key, label]) => {
    const field = makeTyped(label, (value) => {
      setting(key)(value, true);
      field.write(now[key]);
      tellSize();
    }, true);
    parts.numbers.append(field.element);
    return { key, field };
  });
  function tellSize() {
    const shown = (key) => inWords(showNumber(now[key]));
    parts["numbers-words"].textContent = `${shown("n_results")} ${now.n_results === 1 ? "result" : "results"} wanted, budget ${shown("evaluations")}, seed ${now.seed}`;
  }

  return {
    now: () => ({ ...now }),
    take(given, isNew) {
      data = given;
      if (isNew) now = { ...given.now };
      tellSize();
      parts["density-knob"].hidden = now.density === null;
      parts["density-note"].hidden = !data.density_note;
      parts["density-note"].textContent = data.density_note;
      parts.price.parentElement.hidden = Boolean(data.no_price);
      parts["no-price"].hidden = !data.no_price;
      parts["no-price"].textContent = data.no_price;
      if (now.density !== null) density.update(now.density, data.densities);
      level.update(now.level, data.levels.map(({ name }) => name));
      parts.level.parentElement.title = data.levels.find(({ name }) => name === now.level)?.meaning ?? "";
      for (const { key, field } of numbers) field.write(now[key]);
    },
  };
}
