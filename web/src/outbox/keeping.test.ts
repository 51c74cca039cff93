import "./testing.browser";
import { beforeEach, expect, test } from "vitest";
import { type Draft, db } from "@/kit/db";
import { photosOf, removePhoto } from "@/photos";
import { isLate, LATE_MS } from "./counts";
import { earliest } from "./due";
import { happenings, note } from "./events";
import { asDraft } from "./reopen";
import { percentOf, standingOf } from "./standing";
import { aReport, freshPhone } from "./testing";
import { tidy } from "./tidy";

beforeEach(freshPhone);

const receipt = (received_at: string) => ({ number: "N-1", received_at, digest: "d" });

test("only received reports go, after two weeks; a draft keeps its photos", async () => {
  const rows = [await aReport(1), await aReport(1), await aReport(1), await aReport(1)] as const;
  const [old, fresh, unsent, mending] = rows;
  await db.outbox.bulkAdd([
    { ...old, state: "received", receipt: receipt("2026-11-01T00:00:00Z") },
    { ...fresh, state: "received", receipt: receipt("2026-11-19T00:00:00Z") },
    { ...unsent, queued_at: "2026-01-01T00:00:00Z" },
    { ...mending, state: "received", receipt: receipt("2026-11-01T00:00:00Z") },
  ]);
  await db.drafts.add({ id: mending.id } as Draft);
  await tidy(Date.parse("2026-11-20T00:00:00Z"));
  expect((await db.outbox.toCollection().primaryKeys()).sort()).toEqual([fresh.id, unsent.id].sort());
  expect(await Promise.all(rows.map(async ({ id }) => (await photosOf(id)).length))).toEqual([0, 1, 1, 1]);
  expect(await db.originals.count()).toBe(3);
});

test("a photo of a report on its way is not removed; one of a draft is", async () => {
  const report = await aReport(2);
  const [named, spare] = await photosOf(report.id);
  report.body.photos = report.body.photos.filter((photo) => photo.id === named?.id);
  await db.outbox.add(report);
  expect(await removePhoto(named?.id ?? "")).toBe(false);
  expect(await removePhoto(spare?.id ?? "")).toBe(true);
  expect(await db.originals.count()).toBe(1);
});

test("going back to a draft keeps every word", async () => {
  const report = await aReport(1);
  report.body.answers = [
    {
      item: "A",
      value: "fail",
      note: "裂缝",
      photos: [],
      issue: { severity: "major", due_on: null, fixed_on_spot: null },
    },
    { item: "B", value: 4.2, note: null, photos: [], issue: null },
  ];
  expect(asDraft(report, 3)).toMatchObject({
    id: report.id,
    revision: 3,
    summary: report.body.summary,
    location_reason: "地下室",
    started_at: report.body.started_at,
    answers: { A: { value: "fail", note: "裂缝", severity: "major" }, B: { value: 4.2 } },
  });
});

test("where a report stands is said by the server's counts, and never as a hundred per cent", async () => {
  const report = await aReport(2, 1000);
  const photos = await photosOf(report.id);
  expect(standingOf(report, photos).word).toBe("atKept");
  const [one, two] = photos.map((photo) => ({ ...photo, state: "stored" as const, sent: photo.size }));
  if (!one || !two) throw new Error("two photos were made");
  expect(percentOf(report, [one, { ...two, state: "sending", sent: 500 }])).toBe(75);
  expect(percentOf(report, [one, two])).toBe(99);
  const there = { ...report, state: "on_server" as const, photos_stored: 1 };
  expect(standingOf(there, [one, { ...two, state: "kept" }])).toMatchObject({
    word: "atServer",
    values: { missing: 1 },
  });
  expect(standingOf(there, [one, { ...two, state: "sending" }]).word).toBe("atSending");
});

test("four hours unsent is late", () => {
  expect(isLate(new Date(0).toISOString(), LATE_MS - 1)).toBe(false);
  expect(isLate(new Date(0).toISOString(), LATE_MS)).toBe(true);
});

test("the last fifty events are kept", async () => {
  for (let n = 1; n <= 53; n++) await note(`event ${n}`);
  const found = await happenings();
  expect([found.length, found[0]?.what, found[49]?.what]).toEqual([50, "event 4", "event 53"]);
});

test("a report that was queued by a clock a year ahead is not on time for a year", () => {
  expect(isLate(new Date(365 * 86_400_000).toISOString(), 0)).toBe(true);
});

test("what a failing database left as being sent is due again", async () => {
  await db.outbox.add({ ...(await aReport(0)), state: "sending", next_try_at: 7 });
  expect(await earliest()).toBe(7);
});
