/** A report that must be changed after it was sent, as a draft again: its answers and photos are there already. */
import { type Draft, db, type Photo, type Position, type ReportBody, type ServerReport } from "@/kit/db";
import { now } from "@/kit/time";
import { afterPhotos, answered, coInspectors } from "./answered";
import { takenOver } from "./representative";
import { fetchThumbs } from "./thumbs";

/** The supervisor's words on the newest revision: by item, and "" for the report as a whole. */
export function reasonsOf(report: ServerReport): Record<string, string> | null {
  if (report.state !== "returned") return null;
  const step = report.history
    .filter((one) => one.kind === "review" && one.decision === "return" && one.revision === report.revision)
    .at(-1);
  if (!step) return {};
  const said = (step.items ?? []) as { item?: string; comment?: string }[];
  const reasons = Object.fromEntries(said.map(({ item, comment }) => [item ?? "", comment ?? ""]));
  return step.comment ? { ...reasons, "": [reasons[""], step.comment].filter(Boolean).join("\n") } : reasons;
}

/** Open the next revision of a report, or the draft that is there of it already. */
export async function revise(report: ServerReport): Promise<void> {
  const body = report.content as ReportBody;
  await db.transaction("rw", db.drafts, db.photos, async () => {
    if (await db.drafts.get(report.id)) return;
    await db.drafts.add({
      ...draftOf(report.id, report.revision + 1, body, reasonsOf(report)),
      ...signedBefore(report),
    });
    const known = new Set(await db.photos.where("report_id").equals(report.id).primaryKeys());
    const after = afterPhotos(body);
    await db.photos.bulkAdd(
      body.photos
        .filter(({ id }) => !known.has(id))
        .map((entry) => ({ ...storedPhoto(report.id, entry), after: after.has(entry.id) })),
    );
  });
  void fetchThumbs(report.id);
}

function draftOf(id: string, revision: number, body: ReportBody, returned: Draft["returned"]): Draft {
  return {
    id,
    revision,
    site_id: body.site_id,
    checklist: { ...body.checklist },
    visit: body.visit ?? "routine",
    started_at: body.started_at,
    touched_at: now(),
    answers: Object.fromEntries(body.answers.map((answer) => [answer.item, answered(answer)])),
    summary: body.summary ?? "",
    position: positionOf(body.location),
    location_reason: body.location_reason ?? "",
    outside_reason: body.outside_reason ?? "",
    correction_reason: body.correction_reason ?? "",
    ...takenOver(body, revision),
    ...coInspectors(body),
    returned,
  };
}

/** The newest signature that there is, which may be older than the newest revision. */
function signedBefore({ signed }: ServerReport): Pick<Draft, "signed_before"> {
  if (!signed?.signed_at) return {}; // also what a server of an earlier version told
  return {
    signed_before: { revision: signed.revision, name: signed.name ?? "", signed_at: signed.signed_at },
  };
}

function positionOf(given: ReportBody["location"] | undefined): Position | null {
  if (!given) return null;
  return {
    lat: given.lat,
    lng: given.lng,
    accuracy_m: given.accuracy_m ?? null,
    captured_at: given.captured_at ?? now(),
  };
}

/** A photo that the server holds: named again by its id and digest, never sent again. */
function storedPhoto(reportId: string, entry: ReportBody["photos"][number]): Photo {
  return {
    id: entry.id,
    report_id: reportId,
    item: entry.item ?? null,
    here: false,
    thumb: null,
    sha256: entry.sha256,
    size: entry.size,
    media_type: entry.media_type ?? "image/jpeg",
    captured_at: entry.captured_at ?? now(),
    source: entry.source === "camera" ? "camera" : "gallery",
    caption: entry.caption ?? "",
    marks: entry.marks ?? [],
    made_from: entry.original ?? null,
    position: positionOf(entry.location),
    state: "stored",
    sent: entry.size,
    upload_url: null,
    problem: null,
  };
}
