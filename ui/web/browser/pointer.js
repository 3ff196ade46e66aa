/** What the pointer and the keys set. */

/** Where a key leads from a value: a step, `far` of them, or to an end [low, high]; null for all other keys. */
export function keyTarget({ key, shiftKey = false }, value, step, [low, high], far = 10) {
  const n = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -far, PageUp: far }[key];
  if (n !== undefined) return value + n * step * (shiftKey ? far : 1);
  return { Home: low, End: high }[key] ?? null;
}

/** Follow the pointer that was pressed on an element: `move(event)` while it is held there, then `end(event)`. */
export function follow(element, pressed, move, end) {
  element.setPointerCapture(pressed.pointerId);
  const stop = (event) => {
    element.onpointermove = element.onpointerup = element.onpointercancel = null;
    end(event);
  };
  Object.assign(element, { onpointermove: move, onpointerup: stop, onpointercancel: stop });
}
