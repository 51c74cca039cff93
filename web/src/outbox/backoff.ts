/** How long to wait before the next try. */
const FIRST_S = 2;
const LONGEST_S = 300;

/** Two seconds to five minutes, doubling, never the same on two phones: they lost the line together. */
export function delayMs(tries: number, random: () => number = Math.random): number {
  const base = Math.min(LONGEST_S / 2, FIRST_S * 2 ** Math.min(tries, 20));
  return Math.round(base * (1 + random()) * 1000);
}

const HOUR_MS = 3_600_000;

/** Whether a try is due; also where the phone's clock was set back, so that "in a year" is never waited for. */
export function isDue(at: number, now = Date.now()): boolean {
  return at <= now || at > now + HOUR_MS;
}

/** When to try next: not before what the server asked for (`retryAfter`, seconds), at most an hour away. */
export function nextTry(tries: number, retryAfter: number | null, now = Date.now()): number {
  return now + Math.min(HOUR_MS, Math.max(delayMs(tries), (retryAfter ?? 0) * 1000));
}
