/** A draft as the body of `PUT /reports/{id}`. What is not given is left out, which keeps it short on a thin line. */
import { checkValue, judge, NA } from "@/checklists/judge";
import type { Limits } from "@/checklists/limits";
import type {
  Checklist,
  Draft,
  DraftAnswer,
  Item,
  Photo,
  Position,
  ReportBody,
  Representative,
} from "@/kit/db";
import { isAnswered } from "./reckon";

type Answer = ReportBody["answers"][number];
type PhotoEntry = ReportBody["photos"][number];

export interface Making {
  draft: Draft;
  checklist: Checklist;
  photos: Photo[];
  limits: Limits;
  deviceId: string;
  moment: string;
}

export function bodyOf({ draft, checklist, photos, limits, deviceId, moment }: Making): ReportBody {
  const items = checklist.sections.flatMap((section) => section.items);
  const answers = items.map((item) => {
    const own = photos.filter((photo) => photo.item === item.code);
    return answerOf(item, draft.answers[item.code], own, limits);
  });
  return {
    revision: draft.revision,
    site_id: draft.site_id,
    checklist: { ...draft.checklist },
    visit: draft.visit,
    started_at: draft.started_at,
    // A clock that was put back meanwhile must not make it end before it began.
    finished_at: Date.parse(moment) < Date.parse(draft.started_at) ? draft.started_at : moment,
    device: { id: deviceId, sent_at: moment },
    location: draft.position && positionOf(draft.position),
    ...given("location_reason", draft.position ? "" : draft.location_reason),
    ...given("outside_reason", draft.outside_reason),
    ...given("correction_reason", draft.correction_reason),
    ...given("summary", draft.summary),
    ...representativeOf(draft.representative),
    ...(draft.co_inspectors?.length ? { co_inspectors: draft.co_inspectors } : {}),
    answers: answers.filter((answer) => answer !== null),
    photos: photos.map(photoOf),
  } as ReportBody;
}

/** One answer; null where nothing was said. What was noted on an item left open goes along: nothing typed is lost. */
function answerOf(item: Item, answer: DraftAnswer | undefined, own: Photo[], limits: Limits): Answer | null {
  const note = answer?.note?.trim() ? answer.note : "";
  const answered = isAnswered(item, answer, own.length > 0);
  if (!answered && !note && !own.length) return null;
  const value = answered
    ? item.type === "photo" && answer?.value !== NA
      ? null
      : (answer?.value ?? null)
    : null;
  const failed = answered && !checkValue(item, value) && judge(item, value, limits[item.code]) === "fail";
  const fixed = failed && answer?.fixed_on_spot === true;
  const [before, after] = [own.filter((photo) => !fixed || !photo.after), own.filter((photo) => photo.after)];
  const ids = (list: Photo[]) => list.map(({ id }) => id);
  return {
    item: item.code,
    value,
    ...given("note", note),
    ...(before.length ? { photos: ids(before) } : {}),
    ...(failed
      ? {
          issue: {
            severity: answer?.severity ?? item.severity,
            ...(answer?.due_on ? { due_on: answer.due_on } : {}),
            ...(fixed ? { fixed_on_spot: true, after: ids(after) } : {}),
          },
        }
      : {}),
  } as Answer;
}

export function photoOf(photo: Photo): PhotoEntry {
  return {
    id: photo.id,
    sha256: photo.sha256,
    size: photo.size,
    media_type: photo.media_type,
    item: photo.item,
    captured_at: photo.captured_at,
    source: photo.source,
    ...(photo.live ? { live: true } : {}),
    ...(photo.position ? { location: positionOf(photo.position) } : {}),
    ...given("caption", photo.caption),
    ...(photo.marks?.length ? { marks: photo.marks } : {}),
    ...(photo.made_from ? { original: photo.made_from } : {}),
  } as PhotoEntry;
}

export function positionOf({ lat, lng, accuracy_m, captured_at }: Position) {
  return { lat, lng, crs: "wgs84", accuracy_m, captured_at };
}

function representativeOf(given: Representative | undefined): Pick<Partial<ReportBody>, "representative"> {
  const name = given?.name.trim() ? given.name : null;
  if (!given || (name === null && !given.signature)) return {};
  return { representative: { name, signed_at: given.signed_at, signature: given.signature } };
}

function given(key: string, text: string): Record<string, string> {
  return text.trim() ? { [key]: text } : {};
}
