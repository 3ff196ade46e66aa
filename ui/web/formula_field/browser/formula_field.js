/** The component: a field for a formula; Python says how to go on and what is wrong, whenever something was typed. */

import { make, setText } from "../../browser/dom.js";
import { partsOf, viewAt } from "../../browser/view.js";

const SOON = 120; // milliseconds after the last key

export default function formulaField({ data, parentElement, setStateValue }) {
  const view = viewAt(parentElement, ".formula", createFormulaField);
  view.send = (message) => setStateValue("typed", message);
  if (data) takeFormula(view, data);
}

function createFormulaField(root) {
  const parts = partsOf(root);
  const view = { root, parts, data: null, given: null, chosen: 0, isClosed: true, timer: 0 };
  view.stop = () => clearTimeout(view.timer);
  parts.field.oninput = () => {
    view.isClosed = false;
    hideOptions(view);
    laterTyped(view);
  };
  parts.field.onclick = () => laterTyped(view);
  parts.field.onkeydown = (event) => onFormulaKey(view, event);
  parts.field.onkeyup = ({ key }) => { if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) laterTyped(view); };
  parts.field.onblur = () => {
    view.isClosed = true;
    if (view.data) takeFormula(view, view.data);
  };
  return view;
}

function laterTyped(view) {
  clearTimeout(view.timer);
  view.timer = setTimeout(() => sendTyped(view), SOON);
}

function sendTyped(view) {
  const { value, selectionStart } = view.parts.field;
  view.send({ text: value, cursor: [...value.slice(0, selectionStart)].length });
}

/** What Python says counts for the text that it was asked about; somebody may have typed on meanwhile. */
function takeFormula(view, data) {
  const { parts } = view;
  view.data = data;
  if (view.given !== data.given) {
    view.given = data.given;
    parts.field.value = data.text;
  }
  const isSame = parts.field.value === data.text;
  if (!isSame) return;
  showOptions(view);
  const isWrong = Boolean(data.error) && parts.options.hidden; // a name that is being typed is not wrong yet
  parts.field.setAttribute("aria-invalid", String(isWrong));
  parts.error.hidden = !isWrong;
  setText(parts.error, isWrong ? data.error : "");
  showPlace(parts.place, isWrong ? data : { ...data, position: null });
}

/** The text once more with the place marked that the error is about: the word or the sign there. */
function showPlace(place, { text, position }) {
  place.hidden = position === null || position >= [...text].length;
  if (place.hidden) return;
  const characters = [...text];
  const rest = characters.slice(position).join("");
  const marked = (rest.match(/^(\[[^\]]*\]?|"[^"]*"?|[\p{L}\p{N}_.]+)/u) ?? [characters[position]])[0];
  const before = characters.slice(0, position).join("");
  place.replaceChildren(before, make("mark", { text: marked }), text.slice(before.length + marked.length));
}

function showOptions(view) {
  const { parts, data } = view;
  if (view.isClosed || !data.options.length || !data.text.trim()) return hideOptions(view);
  view.chosen = 0;
  parts.options.replaceChildren(...data.options.map(([text, about], i) => {
    const option = make("li", { role: "option", "aria-selected": String(i === 0) }, make("code", { text }), make("small", { text: about }));
    option.onpointerdown = (event) => {
      event.preventDefault(); // the field keeps the focus
      takeOption(view, i);
    };
    return option;
  }));
  parts.options.hidden = false;
  parts.field.setAttribute("aria-expanded", "true");
}

function hideOptions({ parts }) {
  parts.options.hidden = true;
  parts.field.setAttribute("aria-expanded", "false");
}

function onFormulaKey(view, event) {
  const { parts, data } = view;
  if (parts.options.hidden) {
    if (event.key === "Enter" && !event.shiftKey) event.preventDefault(); // a formula is one line
    return;
  }
  const n = data.options.length;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    view.chosen = (view.chosen + (event.key === "ArrowDown" ? 1 : n - 1)) % n;
    [...parts.options.children].forEach((each, i) => each.setAttribute("aria-selected", String(i === view.chosen)));
    parts.options.children[view.chosen].scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter" || event.key === "Tab") takeOption(view, view.chosen);
  else if (event.key === "Escape") {
    view.isClosed = true;
    takeFormula(view, data);
    event.stopPropagation(); // the dialog stays
  } else return;
  event.preventDefault();
}

/** Put an option in the place of what was begun. */
function takeOption(view, i) {
  const { field } = view.parts;
  const { start, end, options } = view.data;
  const characters = [...field.value];
  const before = characters.slice(0, start).join("") + options[i][0];
  field.value = before + characters.slice(end).join("");
  field.setSelectionRange(before.length, before.length);
  view.isClosed = true;
  hideOptions(view);
  sendTyped(view);
}
