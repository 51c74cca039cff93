/** Beginning and throwing away a report that is being filled in. */
import { v7 } from "uuid";
import { type Checklist, type Draft, db, type Position, type Visit } from "@/kit/db";
import { now } from "@/kit/time";
import { dropPhotos } from "@/photos";
import { forgetTouches } from "./keeping";

/** A new draft; tells its id. */
export async function startDraft(
  siteId: string,
  checklist: Checklist,
  visit: Visit,
  position: Position | null,
): Promise<string> {
  const moment = now();
  const draft: Draft = {
    id: v7(),
    revision: 1,
    site_id: siteId,
    checklist: { code: checklist.code, version: checklist.version },
    visit,
    started_at: moment,
    touched_at: moment,
    answers: {},
    summary: "",
    position,
    location_reason: "",
    outside_reason: "",
    correction_reason: "",
    representative: { name: "", signed_at: null, signature: null },
    signed_before: null,
    returned: null,
  };
  await db.drafts.add(draft);
  return draft.id;
}

/** Throw a draft away with its photos, but for those that an earlier revision on its way still needs. */
export async function discardDraft(id: string): Promise<void> {
  forgetTouches(id);
  await db.transaction("rw", [db.drafts, db.photos, db.originals, db.outbox], async () => {
    await db.drafts.delete(id);
    const sending = await db.outbox.get(id);
    if (sending && sending.state !== "received") return;
    await dropPhotos(await db.photos.where("report_id").equals(id).primaryKeys());
  });
}
