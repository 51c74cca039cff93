/** One report to the server, and its answer. Asking again with the same body gives the same answer. */
import { NoLineError } from "@/kit/api";
import { hearClock } from "@/kit/clock";
import type { Outgoing, Whole } from "@/kit/db";
import { now } from "@/kit/time";
import type { components } from "@/kit/wire";
import type { Signer } from "./terms";
import { ask } from "./wire";

export type Answer = Whole<components["schemas"]["PutOut"]>;

export async function put(row: Outgoing, signer: Signer, signal: AbortSignal): Promise<Answer> {
  const answered = await ask({
    method: "PUT",
    url: `/api/v1/reports/${row.id}`,
    headers: { "Content-Type": "application/json" },
    body: new Blob([JSON.stringify(stamped(row))]),
    signer,
    signal,
  });
  hearClock(answered);
  const answer = (await answered.json()) as Answer;
  // A sign-in page of somebody's Wi-Fi also answers 200.
  if (answer?.id !== row.id || !Array.isArray(answer.photos?.missing))
    throw new NoLineError("not our server");
  return answer;
}

/** `sent_at` tells the server what this device's clock says now; it is not part of the content. */
function stamped({ body }: Outgoing): Outgoing["body"] {
  return body.device ? { ...body, device: { ...body.device, sent_at: now() } } : body;
}
