/** One report or one thing done about an issue to the server, and its answer. Asking again gives the same answer. */
import { StrangerError } from "@/kit/api";
import { hearClock } from "@/kit/clock";
import { type Issue, isReport, type MoveKind, type OutgoingMove, type Queued, type Whole } from "@/kit/db";
import { now } from "@/kit/time";
import type { components } from "@/kit/wire";
import { digestOf } from "./receipt";
import type { Signer } from "./terms";
import { ask } from "./wire";

type Schemas = components["schemas"];
export interface Answer extends Pick<Whole<Schemas["PutOut"]>, "photos" | "receipt"> {
  id: string;
  revision: number;
  issue?: Issue;
  superseded?: boolean;
}

const PATHS: Record<MoveKind, string> = {
  reply: "replies",
  verification: "verifications",
  follow_up: "follow-ups",
  acknowledge: "acknowledgement",
  object: "objection",
  ask_extension: "extensions",
};
const ENTRIES: readonly MoveKind[] = ["reply", "verification", "follow_up"];

export async function put(row: Queued, signer: Signer, signal: AbortSignal): Promise<Answer> {
  const answered = await ask({
    ...(isReport(row)
      ? { method: "PUT", url: `/api/v1/reports/${row.id}` }
      : { method: "POST", url: `/api/v1/issues/${row.issue_id}/${PATHS[row.kind]}` }),
    headers: { "Content-Type": "application/json" },
    body: new Blob([JSON.stringify(stamped(row))]),
    signer,
    signal,
  });
  hearClock(answered);
  const told = await answered.json();
  if (isReport(row)) return whole(told as Answer, row);
  if (!ENTRIES.includes(row.kind)) return done(told as Issue, row);
  const entry = told as Whole<Schemas["EntryOut"]>;
  return whole({ ...entry, revision: row.revision, superseded: entry.state === "superseded" }, row);
}

/** A sign-in page of somebody's Wi-Fi also answers 200. */
function whole(answer: Answer, row: Queued): Answer {
  if (answer?.id !== row.id || !Array.isArray(answer.photos?.missing))
    throw new StrangerError("not our server");
  return answer;
}

/** What needs no photo is answered by the issue as it stands after it: that is its receipt. */
async function done(issue: Issue, row: OutgoingMove): Promise<Answer> {
  if (issue?.id !== row.issue_id || !Array.isArray(issue.history)) throw new StrangerError("not our server");
  const step = issue.history.filter(({ verb }) => verb === row.kind).at(-1);
  return {
    id: row.id,
    revision: row.revision,
    photos: { expected: 0, received: 0, missing: [], refused: [] },
    receipt: {
      number: issue.number,
      received_at: step?.at ?? now(),
      digest: await digestOf(row.body),
    },
    issue,
  };
}

/** `sent_at` tells the server what this device's clock says now; it is not part of the content. */
function stamped({ body }: Queued): object {
  return body.device ? { ...body, device: { ...body.device, sent_at: now() } } : body;
}
