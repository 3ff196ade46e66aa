/** The clock: how fast the playhead runs, in generations a second. */

/** The pace of a replay at 1x: 12 generations a second, faster only when that would take over 20 seconds. */
function replayPace(nGenerations) {
  return nGenerations <= 240 ? 12 : nGenerations / 20;
}

/**
 * The pace that is wanted now.
 *
 * `lag` is the number of generations between the playhead and the newest one. Close to the newest generation the
 * pace falls with the lag, so that a slow run flows rather than stutters; far behind a fast run it rises, so that
 * the picture stays within a few seconds of the run. A backlog of 60 generations, as a run of two seconds leaves,
 * is no reason to hurry.
 */
export function wantedPace({ lag, nGenerations, speed, isLive }) {
  const base = replayPace(nGenerations);
  const cap = speed * (isLive ? Math.max(base, (lag - 60) / 4) : base);
  return Math.min(cap, Math.max(lag / (isLive ? 0.6 : 0.3), 1.5));
}

/** The pace a moment later: it never jumps. */
export function easePace(pace, wanted, dt) {
  return pace + (wanted - pace) * (1 - Math.exp(-dt / 0.2));
}

/** Where the view starts when it is first given a run; `isJoining` when it did not see the run begin. */
export function startOf({ first, last, isFinal, isJoining, isReduced }) {
  if (isReduced) return last;
  // Opened after the run had ended: rest at the result, a replay is a click away.
  if (isFinal && isJoining) return last;
  // Opened in the middle of a long run: join it rather than run behind it.
  if (last - first > 150 && isJoining) return last - 12;
  return first - 1;
}

/** The generation that one step of the keyboard leads to, or null for other keys. */
export function stepOf(key, t, first, last) {
  const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[key];
  if (step !== undefined) return Math.min(last, Math.max(first, Math.round(t) + step));
  return { Home: first, End: last }[key] ?? null;
}
