/** Times in the browser how long a page takes to answer: from the event of a hand to the frame that shows the answer. */
(() => {
  const ATTRIBUTE = "data-test-script-state";
  const COMPONENT = '[data-testid^="stBidiComponent"]';
  const SAYS_ENDED = [0x4a, 0x00]; // field 9 of Streamlit's messages, the state of the session, that nothing runs
  const REST = 400; // milliseconds without a message or a change, after which a page rests
  let heard = null;
  let answered = null;
  let ended = 0;
  let state = null;
  let changed = performance.now();

  const roots = () => {
    const hosts = [...document.querySelectorAll(`${COMPONENT}, ${COMPONENT} *`)].filter((each) => each.shadowRoot);
    return [document, ...hosts.map((host) => host.shadowRoot)];
  };
  const isVisible = (element) => element.getClientRects().length > 0;

  /** All visible elements that a selector finds, also within components. */
  const all = (selector) => roots().flatMap((root) => [...root.querySelectorAll(selector)]).filter(isVisible);
  const has = (selector) => all(selector).length > 0;
  const text = (selector) => all(selector)[0]?.textContent ?? "";

  const readState = () => {
    const now = document.querySelector(`[${ATTRIBUTE}]`)?.getAttribute(ATTRIBUTE) ?? null;
    if (now === state) return;
    changed = performance.now();
    state = now;
  };

  // The server says when a run ends; a quick one is over before the page ever shows that it went on.
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        const bytes = new Uint8Array(data);
        if (bytes.length === SAYS_ENDED.length && SAYS_ENDED.every((byte, i) => bytes[i] === byte)) ended += 1;
        changed = performance.now();
      });
    }
  };
  const watch = () => {
    new MutationObserver(readState).observe(document, { subtree: true, childList: true, attributeFilter: [ATTRIBUTE] });
    readState();
  };
  if (document.documentElement) watch();
  else document.addEventListener("readystatechange", watch, { once: true });

  const hear = (event) => {
    if (heard?.time === null) heard.time = event.timeStamp;
  };
  for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, hear, { capture: true });

  window.pageProbe = {
    has,
    text,
    all,
    /** Begin to wait: `answer` says whether the page has answered, `isRun` whether the server has to run for that. */
    arm(answer, isRun) {
      heard = { time: null };
      answered = null;
      const before = ended;
      let since = null;
      const isAnswered = new Function("has", "text", "all", `return (${answer});`);
      const look = () => {
        readState();
        const isDone = !isRun || (ended > before && state === "notRunning");
        const isThere = heard.time !== null && isDone && isAnswered(has, text, all);
        if (isThere && since !== null) answered = since; // still there a frame later
        else requestAnimationFrame(look);
        since = isThere ? (since ?? performance.now()) : null;
      };
      requestAnimationFrame(look);
    },
    /** Milliseconds from the event to the frame that shows the answer, or null before that. */
    taken: () => (answered === null ? null : answered - heard.time),
    isAtRest: () => state === "notRunning" && performance.now() - changed > REST,
  };
})();
