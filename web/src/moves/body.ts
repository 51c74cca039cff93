/** What is written about an issue as the body that is sent. What is not given is left out. */
import type { EntryPhoto, Issue, MoveBody, MoveDraft, Photo } from "@/kit/db";
import { photoOf, positionOf } from "@/reports/body";

interface Making {
  draft: MoveDraft;
  issue: Issue;
  photos: Photo[];
  deviceId: string;
  moment: string;
}

export function moveBody({ draft, issue, photos, deviceId, moment }: Making): MoveBody {
  const { round } = issue;
  const say = (...names: (keyof MoveDraft & keyof MoveBody)[]) =>
    Object.fromEntries(
      names.flatMap((name) => (String(draft[name] ?? "").trim() ? [[name, draft[name]]] : [])),
    );
  if (draft.kind === "object") return { round, ...say("reason") };
  if (draft.kind === "ask_extension") return { id: draft.id, round, ...say("reason", "due_on") };
  const entry: MoveBody = {
    id: draft.id,
    round,
    photos: photos.map(entryPhoto),
    device: { id: deviceId, sent_at: moment },
    ...(draft.position ? { location: positionOf(draft.position) as NonNullable<MoveBody["location"]> } : {}),
  };
  if (draft.kind === "reply")
    return {
      ...entry,
      ...say("measure", "cause", "prevention", "responsible_person"),
      done_at: draft.done_at ?? moment,
    };
  if (draft.kind === "follow_up") return { ...entry, ...say("result", "comment") };
  const reply = newestReply(issue);
  return {
    ...entry,
    ...say("result", "comment"),
    // Said even where there is none: the server then asks for it, and does not take the comment for it.
    ...(draft.result === "fail" ? say("due_on") : { reason: draft.reason?.trim() || null }),
    ...(reply ? { reply_id: reply.id } : {}),
  };
}

/** The reply that a verdict is about: the one that the screen shows. */
export function newestReply(issue: Issue): Issue["replies"][number] | null {
  const whole = issue.replies.filter(({ state, round }) => state === "complete" && round === issue.round);
  return whole.at(-1) ?? null;
}

function entryPhoto(photo: Photo): EntryPhoto {
  return { ...photoOf(photo), ...(photo.pair_of ? { pair_of: photo.pair_of } : {}) };
}
