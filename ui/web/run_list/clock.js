/** Times as people say them. */

const MINUTE = 60, HOUR = 3600, DAY = 86400;

/** How long ago a moment was, such as "3 min ago"; further back than a week its day. Both in milliseconds. */
export function agoWords(at, now) {
  const seconds = (now - at) / 1000;
  if (seconds < 45) return "just now";
  if (seconds < HOUR) return `${Math.max(1, Math.round(seconds / MINUTE))} min ago`;
  if (seconds < 12 * HOUR) return `${Math.round(seconds / HOUR)} h ago`;
  const then = new Date(at);
  const clock = then.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const days = Math.round((startOfDay(now) - startOfDay(at)) / (1000 * DAY));
  if (days <= 0) return `today, ${clock}`;
  if (days === 1) return `yesterday, ${clock}`;
  if (days < 7) return `${days} days ago`;
  const isThisYear = then.getFullYear() === new Date(now).getFullYear();
  return then.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...(isThisYear ? {} : { year: "numeric" }) });
}

export function exactWords(at) {
  return new Date(at).toLocaleString("en-GB", { dateStyle: "full", timeStyle: "medium" });
}

/** How long something has gone on, such as "1 min 05 s"; in seconds. */
export function spanWords(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE) return `${whole} s`;
  const [hours, minutes] = [Math.floor(whole / HOUR), Math.floor((whole % HOUR) / MINUTE)];
  return hours ? `${hours} h ${String(minutes).padStart(2, "0")} min` : `${minutes} min ${String(whole % MINUTE).padStart(2, "0")} s`;
}

function startOfDay(at) {
  return new Date(at).setHours(0, 0, 0, 0);
}
