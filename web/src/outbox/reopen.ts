/** A report that the server refuses goes back to be mended, with everything that was typed and all its photos. */
import { api, RefusedError, told } from "@/kit/api";
import { type Draft, db, isReport, type Outgoing, type Queued } from "@/kit/db";
import { now } from "@/kit/time";
import { dropPhotos } from "@/photos";
import { answered, coInspectors } from "@/reports/answered";
import { takenOver } from "@/reports/representative";
import { note } from "./events";

/**
 * Whether there is a draft of it now. Another tab may have been faster: a draft that is there stays as it is, and so does
 * what is no longer refused. Throws NoLineError where the server cannot be asked which revision it has.
 */
export async function reopen(row: Outgoing): Promise<boolean> {
  const revision = (await revisionThere(row.id)) + 1;
  const isOpen = await db.transaction("rw", db.outbox, db.drafts, async () => {
    if (await db.drafts.get(row.id)) return true;
    const there = await db.outbox.get(row.id);
    if (!there || !isReport(there) || there.state !== "refused" || there.revision !== row.revision)
      return false;
    await db.drafts.add(asDraft(there, revision));
    await db.outbox.delete(row.id);
    return true;
  });
  if (isOpen) await note("reopened", row.id);
  return isOpen;
}

async function revisionThere(id: string): Promise<number> {
  try {
    const found = told(await api.GET("/api/v1/reports/{report_id}", { params: { path: { report_id: id } } }));
    return found.revision ?? 0;
  } catch (error) {
    if (error instanceof RefusedError && error.code === "not-found") return 0;
    throw error;
  }
}

export function asDraft({ id, body }: Outgoing, revision: number): Draft {
  const answers: Draft["answers"] = {};
  for (const answer of body.answers) {
    answers[answer.item] = answered(answer);
  }
  const at = body.location;
  return {
    id,
    revision,
    site_id: body.site_id,
    checklist: body.checklist,
    visit: body.visit ?? "routine",
    started_at: body.started_at,
    touched_at: now(),
    answers,
    summary: body.summary ?? "",
    position: at && {
      lat: at.lat,
      lng: at.lng,
      accuracy_m: at.accuracy_m,
      captured_at: at.captured_at ?? body.started_at,
    },
    location_reason: body.location_reason ?? "",
    outside_reason: body.outside_reason ?? "",
    correction_reason: body.correction_reason ?? "",
    ...takenOver(body, revision),
    ...coInspectors(body),
    returned: null,
  };
}

/** Give up what the server will not take: a revision that a newer one has replaced, or what an issue no longer waits for. */
export async function forget(row: Queued): Promise<void> {
  await db.transaction("rw", [db.outbox, db.photos, db.originals, db.drafts], async () => {
    await db.outbox.delete(row.id);
    if (!(await db.drafts.get(row.id)))
      await dropPhotos(await db.photos.where("report_id").equals(row.id).primaryKeys());
  });
  await note("forgotten", row.id);
}
