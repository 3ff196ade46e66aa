/** What a component keeps at its place on the page, through every rerun of the page. */

const views = new WeakMap();
const FRAME_PAUSE = 18; // milliseconds before the next frame of a movement is asked for

/** The view at a place; it is made anew only where the page put other elements there. */
export function viewAt(place, selector, create) {
  const root = place.querySelector(selector);
  let view = views.get(place);
  if (!view || view.root !== root) {
    view?.stop();
    view = create(root);
    views.set(place, view);
  }
  return view;
}

/** Start a view, or go on with it; what this returns stops it, unless a later call has replaced this one. */
export function begin(view) {
  view.start();
  const call = (view.calls ?? 0) + 1;
  view.calls = call;
  return () => {
    if (view.calls === call) view.stop();
  };
}

/**
 * Let a view draw itself, `draw(view, now)`, in the next frame after `view.request()`, a change of the size of one of
 * its boxes (measured first), of fonts, of the wish for less motion, or of the page's visibility; timers end with it.
 * `view.goOn()` asks for the next frame of a movement: 30 a second look smooth, and leave the processor to the search.
 */
export function animate(view, boxes, { draw, measure, timers }) {
  view.motion = matchMedia("(prefers-reduced-motion: reduce)");
  view.frameId = 0;
  view.request = () => {
    view.frameId ||= requestAnimationFrame((now) => {
      view.frameId = 0;
      draw(view, now);
    });
  };
  view.goOn = () => {
    view.pauseTimer ||= setTimeout(() => {
      view.pauseTimer = 0;
      view.request();
    }, FRAME_PAUSE);
  };
  const resize = new ResizeObserver(() => {
    measure(view);
    view.request();
  });
  view.start = () => {
    view.onStart();
    for (const box of boxes) resize.observe(box);
    document.addEventListener("visibilitychange", view.request);
    view.motion.addEventListener("change", view.request);
    document.fonts.ready.then(view.request);
    view.request();
  };
  view.stop = () => {
    cancelAnimationFrame(view.frameId);
    view.frameId = 0;
    for (const name of [...timers, "pauseTimer"]) {
      clearTimeout(view[name]);
      view[name] = 0;
    }
    resize.disconnect();
    document.removeEventListener("visibilitychange", view.request);
    view.motion.removeEventListener("change", view.request);
  };
}

/** The elements of a component, by their roles. */
export function partsOf(root) {
  const elements = [...root.querySelectorAll("[data-role]")];
  return Object.fromEntries(elements.map((element) => [element.dataset.role, element]));
}
