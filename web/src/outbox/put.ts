/** One report to the server, and its answer. Asking again with the same body gives the same answer. */
import { api, NoLineError, refusal } from "@/kit/api";
import type { Outgoing, Whole } from "@/kit/db";
import { now } from "@/kit/time";
import type { components } from "@/kit/wire";
import { hearClock } from "./token";

export type Answer = Whole<components["schemas"]["PutOut"]>;
const LONGEST_MS = 60_000;

export async function put(row: Outgoing, signal: AbortSignal): Promise<Answer> {
  const given = new AbortController();
  const stop = () => given.abort();
  const timer = setTimeout(stop, LONGEST_MS);
  signal.addEventListener("abort", stop);
  try {
    const result = await api.PUT("/api/v1/reports/{report_id}", {
      params: { path: { report_id: row.id } },
      body: stamped(row),
      signal: given.signal,
    });
    hearClock(result.response);
    if (!result.response.ok) throw refusal(result.error, result.response);
    const answer = result.data as Answer;
    // A sign-in page of somebody's Wi-Fi also answers 200.
    if (answer?.id !== row.id || !Array.isArray(answer.photos?.missing))
      throw new NoLineError("not our server");
    return answer;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** `sent_at` tells the server what this phone's clock says now; it is not part of the content. */
function stamped({ body }: Outgoing): Outgoing["body"] {
  return body.device ? { ...body, device: { ...body.device, sent_at: now() } } : body;
}
