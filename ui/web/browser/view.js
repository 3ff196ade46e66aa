/** What a component keeps at its place on the page, through every rerun of the page. */

const views = new WeakMap();

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

/** The elements of a component, by their roles. */
export function partsOf(root) {
  const elements = [...root.querySelectorAll("[data-role]")];
  return Object.fromEntries(elements.map((element) => [element.dataset.role, element]));
}
