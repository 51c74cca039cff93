/** Beginning, sending and taking back what is done about an issue. */
import { v7 } from "uuid";
import { deviceId } from "@/accounts/device";
import {
  db,
  type Issue,
  isMove,
  type MoveBody,
  type MoveDraft,
  type MoveKind,
  type OutgoingMove,
} from "@/kit/db";
import { now } from "@/kit/time";
import { wellFormed } from "@/kit/wellFormed";
import { enqueue } from "@/outbox/enqueue";
import { note } from "@/outbox/events";
import { dropPhotos, photosOf } from "@/photos";
import { allTaken } from "@/photos/take";
import { forgetTouches } from "@/reports/keeping";
import { moveBody } from "./body";

/** The draft of this kind that is there already, or a new one; tells its id. */
export async function openDraft(
  issue: Issue,
  kind: MoveDraft["kind"],
  first: Partial<MoveDraft> = {},
): Promise<string> {
  return db.transaction("rw", db.moves, async () => {
    const there = await draftOf(issue.id, kind);
    if (there) {
      await db.moves.update(there.id, first as object);
      return there.id;
    }
    const moment = now();
    const done = kind === "reply" ? { done_at: moment } : {};
    const draft: MoveDraft = {
      id: v7(),
      kind,
      issue_id: issue.id,
      touched_at: moment,
      position: null,
      ...done,
      ...first,
    };
    await db.moves.add(draft);
    return draft.id;
  });
}

async function draftOf(issueId: string, kind: MoveDraft["kind"]): Promise<MoveDraft | undefined> {
  return db.moves
    .where("issue_id")
    .equals(issueId)
    .and((one) => one.kind === kind)
    .first();
}

/** Throw a draft away with its photos. */
export async function discardMove(id: string): Promise<void> {
  forgetTouches(id);
  await db.transaction("rw", [db.moves, db.photos, db.originals, db.outbox], async () => {
    await db.moves.delete(id);
    if (await db.outbox.get(id)) return; // it was sent from another tab
    await dropPhotos(await db.photos.where("report_id").equals(id).primaryKeys());
  });
}

/** Whether nothing was said or photographed yet: such a draft is not worth keeping. */
export async function dropIfEmpty(draft: MoveDraft): Promise<void> {
  const { measure, cause, prevention, responsible_person, comment, reason } = draft;
  const said = [measure, cause, prevention, responsible_person, comment, reason].some((text) => text?.trim());
  if (!said && !(await db.photos.where("report_id").equals(draft.id).count())) await discardMove(draft.id);
}

/** Put a draft into the outbox as the database has it; false where it was sent or thrown away elsewhere. */
export async function sendMove(id: string, issue: Issue): Promise<boolean> {
  await allTaken();
  const device = deviceId();
  return enqueue(async () => {
    const draft = await db.moves.get(id);
    if (!draft) return null;
    const moment = now();
    const photos = await photosOf(id);
    const body = wellFormed(moveBody({ draft, issue, photos, deviceId: device, moment }));
    return outgoing(issue, draft.kind, id, body, moment);
  });
}

/** What takes no words and no photos; false where it waits already. */
export async function acknowledge(issue: Issue): Promise<boolean> {
  return enqueue(async () => {
    const there = await db.outbox.where("issue_id").equals(issue.id).toArray();
    if (there.some((row) => row.kind === "acknowledge" && row.state !== "received")) return null;
    return outgoing(issue, "acknowledge", v7(), { round: issue.round }, now());
  });
}

function outgoing(issue: Issue, kind: MoveKind, id: string, body: MoveBody, moment: string): OutgoingMove {
  return {
    id,
    kind,
    revision: 1,
    body,
    site_name: issue.site.name,
    issue_id: issue.id,
    issue_number: issue.number,
    title: issue.description,
    queued_at: moment,
    state: "waiting",
    tries: 0,
    next_try_at: 0,
    problem: null,
    receipt: null,
    photos_expected: body.photos?.length ?? 0,
    photos_stored: 0,
  };
}

/**
 * What the server refused becomes a draft again, with all that was typed and its photos. Under a new id: the server may
 * hold other content under the old one. Null where another tab was faster.
 */
export async function reopenMove(row: OutgoingMove): Promise<string | null> {
  const { kind } = row;
  if (kind === "acknowledge") return null;
  const id = await db.transaction("rw", db.outbox, db.moves, db.photos, async () => {
    const there = await db.outbox.get(row.id);
    if (!there || !isMove(there) || there.state !== "refused") return null;
    const {
      round: _,
      id: __,
      photos: ___,
      device: ____,
      location,
      reply_id: _____,
      reason,
      ...words
    } = there.body;
    const renewed = v7();
    await db.moves.add({
      ...words,
      ...(reason ? { reason } : {}),
      id: renewed,
      kind,
      issue_id: there.issue_id,
      touched_at: now(),
      position: location
        ? {
            lat: location.lat,
            lng: location.lng,
            accuracy_m: location.accuracy_m ?? null,
            captured_at: location.captured_at ?? there.queued_at,
          }
        : null,
    });
    await db.photos.where("report_id").equals(row.id).modify({ report_id: renewed });
    await db.outbox.delete(row.id);
    return renewed;
  });
  if (id) await note("reopened", row.id);
  return id;
}

/** The reason that the server asked for, given: the same goes out once more. */
export async function giveReason(row: OutgoingMove, reason: string): Promise<void> {
  await db.transaction("rw", db.outbox, async () => {
    const there = await db.outbox.get(row.id);
    if (!there || !isMove(there) || there.state !== "refused") return;
    await db.outbox.put({
      ...there,
      body: wellFormed({ ...there.body, reason }),
      state: "waiting",
      tries: 0,
      next_try_at: 0,
    });
  });
}
