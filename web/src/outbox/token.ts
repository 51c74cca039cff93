/** How long an access token still lives, by the server's clock: a phone's own may be a year wrong. */
import { serverAhead } from "@/kit/clock";

const MARGIN_S = 60;

export function isAboutToEnd(token: string | null): boolean {
  const ends = token === null ? null : endOf(token);
  if (ends === null || serverAhead.value === null) return false;
  return ends - (Date.now() + serverAhead.value) / 1000 < MARGIN_S;
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
