/** What is searched for: one line that says it, and what it is made of in the fold below. */

import { make } from "../../browser/dom.js";
import { makeTyped } from "./fields.js";

const VERBS = { maximum: "Maximise", minimum: "Minimise", value: "Reach a value" };
const SUMMARIES = { area: "area", mean: "mean", minimum: "minimum", maximum: "maximum", point: "value" };
export const KINDS = { outcome: "the outcome itself", area: "area of its curve", mean: "mean of its curve", minimum: "minimum of its curve",
  maximum: "maximum of its curve", point: "value at a point of its curve" };

/** The goal on screen; `tell(isDone)` is called when the user changed it. */
export function makeGoal(parts, tell) {
  let data = null;
  let now = {};
  const set = (changes) => {
    Object.assign(now, changes);
    update();
    tell(true);
  };
  const verb = makeChoice("Goal", (value) => set({ goal: value }));
  const of = makeChoice("Of", (value) => set({ of: value }));
  const over = makeChoice("Curve over", (value) => set({ feature: value }));
  const typed = Object.fromEntries([["value", "Value"], ["start", "From"], ["end", "To"], ["at", "At"]].map(
    ([key, label]) => [key, makeTyped(label, (value) => set({ [key]: value }))],
  ));
  parts["goal-fields"].append(verb.element, typed.value.element, of.element, over.element, typed.start.element, typed.end.element, typed.at.element);

  function update() {
    verb.write(VERBS, Object.keys(VERBS), now.goal);
    typed.value.element.hidden = now.goal !== "value";
    parts["goal-verb"].textContent = now.goal === "value" ? `Reach ${now.value ?? "a value"} ${data.unit}`.trimEnd() : VERBS[now.goal];
    parts["goal-words"].textContent = `${now.goal === "value" ? "of " : ""}${goalWords(data, now)}`;
    of.write(KINDS, data.sweepable.length ? Object.keys(KINDS) : ["outcome"], now.of);
    const isCurve = now.of !== "outcome";
    const names = data.sweepable.map(({ name }) => name);
    over.write(Object.fromEntries(names.map((name) => [name, name])), names, now.feature);
    for (const part of [over, typed.start, typed.end]) part.element.hidden = !isCurve;
    typed.at.element.hidden = now.of !== "point";
    const unit = data.sweepable.find(({ name }) => name === now.feature)?.unit ?? "";
    typed.value.write(now.value, data.unit, data.range);
    for (const key of ["start", "end", "at"]) typed[key].write(now[key], unit);
  }

  return {
    now: () => ({ ...now }),
    take(given, isNew) {
      data = given;
      if (isNew) now = { ...given.now };
      update();
    },
  };
}

function goalWords({ outcome, sweepable }, now) {
  const name = `${outcome.name}${outcome.unit ? ` [${outcome.unit}]` : ""}`;
  if (now.of === "outcome") return name;
  const unit = sweepable.find((each) => each.name === now.feature)?.unit;
  const where = now.of === "point" ? `at ${now.feature} ${now.at ?? ""}` : `over ${now.feature} ${now.start} to ${now.end}`;
  return `${now.of === "point" ? "" : `${SUMMARIES[now.of]} of `}${name} ${where}${unit ? ` ${unit}` : ""}`;
}

/** A drop-down with its label above; `onChoose` gets the option that was chosen. */
export function makeChoice(label, onChoose) {
  const select = make("select", { "aria-label": label });
  select.onchange = () => onChoose(select.value);
  let known = "";
  const write = (words, options, value) => {
    const wanted = options.join("\n");
    if (known !== wanted) select.replaceChildren(...options.map((option) => new Option(words[option], option)));
    known = wanted;
    select.value = value;
  };
  return { element: make("label", { class: "field wide" }, make("span", { text: label, "aria-hidden": "true" }), select), write };
}
