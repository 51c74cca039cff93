/** From a draft to the outbox. */
import { deviceId } from "@/accounts/device";
import type { Limits } from "@/checklists/limits";
import type { Checklist, Draft, Outgoing } from "@/kit/db";
import { now } from "@/kit/time";
import { enqueue } from "@/outbox/enqueue";
import { photosOf } from "@/photos";
import { bodyOf } from "./body";

/** Put it into the outbox, which takes the draft away in the same step. */
export async function finish(
  draft: Draft,
  checklist: Checklist,
  limits: Limits,
  siteName: string,
): Promise<void> {
  const moment = now();
  const photos = await photosOf(draft.id);
  const outgoing: Outgoing = {
    id: draft.id,
    revision: draft.revision,
    // Without Vue's proxies, which the database cannot take.
    body: JSON.parse(
      JSON.stringify(bodyOf({ draft, checklist, photos, limits, deviceId: deviceId(), moment })),
    ),
    site_name: siteName,
    checklist_code: checklist.code,
    queued_at: moment,
    state: "waiting",
    tries: 0,
    next_try_at: 0,
    problem: null,
    receipt: null,
    photos_expected: photos.length,
    photos_stored: 0,
  };
  await enqueue(outgoing);
}
