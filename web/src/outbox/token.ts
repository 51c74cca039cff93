/** How long an access token still lives, by the server's clock: a phone's own may be a year wrong. */
const MARGIN_S = 60;
let serverAhead: number | null = null; // ms

/** Learn the server's clock from an answer. */
export function hearClock(answer: Response): void {
  const said = Date.parse(answer.headers.get("Date") ?? "");
  if (!Number.isNaN(said)) serverAhead = said - Date.now();
}

export function isAboutToEnd(token: string | null): boolean {
  const ends = token === null ? null : endOf(token);
  if (ends === null || serverAhead === null) return false;
  return ends - (Date.now() + serverAhead) / 1000 < MARGIN_S;
}

function endOf(token: string): number | null {
  try {
    const part = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const { exp } = JSON.parse(atob(part)) as { exp?: unknown };
    return typeof exp === "number" ? exp : null;
  } catch {
    return null;
  }
}
