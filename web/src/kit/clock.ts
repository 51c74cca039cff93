/** The server's clock as its answers tell it: a phone's own may be a year wrong. */
import { shallowRef } from "vue";

/** Milliseconds by which the server is ahead of this phone; null until an answer said. */
export const serverAhead = shallowRef<number | null>(null);

/** Learn the server's clock from the `Date` of an answer. */
export function hearClock(answer: Pick<Response, "headers">): void {
  const said = Date.parse(answer.headers.get("Date") ?? "");
  if (!Number.isNaN(said)) serverAhead.value = said - Date.now();
}
