/** What stands on the page that is shown, before anything is opened: controls, words, and what the first screen holds. */
(() => {
  const WIDGETS = ["stSelectbox", "stMultiSelect", "stNumberInput", "stSlider", "stDateInput", "stFileUploader"];
  const WIDGET = WIDGETS.map((name) => `[data-testid="${name}"]`).join();
  const CONTROLS =
    "button, a[href], input, select, textarea, summary, [role=slider], [role=combobox], [role=tab], [role=switch]";
  // marks beside a label or a heading explain; they set nothing
  const MARKS = '[data-testid="stTooltipIcon"] [aria-label^="Help"], a[href^="#"]';

  const isSeen = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  };
  const elements = (root) =>
    [...root.querySelectorAll("*")].flatMap((each) => [each, ...(each.shadowRoot ? elements(each.shadowRoot) : [])]);
  const main = () => document.querySelector('[data-testid="stMain"]');
  const all = (selector) => elements(main()).filter((each) => each.matches(selector));

  /** One for a widget, however many elements it is made of; a window with two handles is one, too. */
  const controlOf = (element) => {
    if (element.closest('[role="radiogroup"], [data-testid="stButtonGroup"]')) return element.closest("label") ?? element;
    if (element.matches("[role=slider]")) return element.closest(WIDGET) ?? element.parentElement;
    return element.closest(WIDGET) ?? element.closest("label:has(input)") ?? element;
  };
  const countControls = () => {
    const stand = all(CONTROLS).filter((each) => !each.closest(MARKS) && !each.matches('[tabindex="-1"]'));
    // a tick or a radio button is drawn by its label, and itself has no size
    return new Set(stand.map(controlOf).filter(isSeen)).size;
  };
  const wordsIn = (element) =>
    [...element.childNodes]
      .filter((node) => node.nodeType === Node.TEXT_NODE)
      .flatMap((node) => node.textContent.split(/\s+/))
      .filter((word) => /\p{L}{2,}/u.test(word));
  // icons are letters of a font of their own: nobody reads their names
  const UNREAD = 'style, script, option, [translate="no"]';
  const words = () =>
    elements(main())
      .filter((each) => !each.matches(UNREAD) && isSeen(each))
      .flatMap(wordsIn);

  const isWithin = (inner, outer) =>
    inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1 && inner.left >= outer.left - 1 &&
    inner.right <= outer.right + 1;
  const screen = () => ({ top: 0, left: 0, bottom: innerHeight, right: innerWidth });
  /** Whether all elements of a selector, of which there are some, are within the screen and the boxes that clip them. */
  const isOnScreen = (selector, clipping) => {
    const found = all(selector);
    return found.length > 0 && found.every((each) => {
      const box = each.getBoundingClientRect();
      const clip = clipping ? each.closest(clipping)?.getBoundingClientRect() : null;
      return isSeen(each) && isWithin(box, screen()) && (!clip || isWithin(box, clip));
    });
  };

  window.pageCount = { controls: countControls, words: () => words().length, text: () => words().join(" "), isOnScreen };
})();
