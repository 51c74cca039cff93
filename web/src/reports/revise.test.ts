import "fake-indexeddb/auto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { db, type Outgoing, type ReportBody, type ServerReport } from "@/kit/db";
import { ScriptedServer, until } from "@/kit/testing/server";
import { bodyOf } from "./body";
import { discardDraft } from "./draft";
import { checklist, draft, photo, photoId } from "./fixtures";
import golden from "./golden.json";
import { ownReports } from "./own";
import { takenOver } from "./representative";
import { reasonsOf, revise } from "./revise";

const ID = draft().id;
const content = golden as unknown as ReportBody;
const review = {
  at: "2026-11-21T02:00:00Z",
  kind: "review",
  decision: "return",
  comment: "请补充",
  items: [{ item: "T-A01", comment: "照片不清" }],
};
const report = {
  id: ID,
  revision: 1,
  number: "YZ-1",
  state: "returned",
  content,
  received_at: "2026-11-20T02:00:00Z",
  site: { id: content.site_id },
  checklist: { code: "T", version: 1 },
  history: [
    { at: "2026-11-20T02:00:00Z", kind: "revision", revision: 1, items: [] },
    { ...review, revision: 1 },
  ],
} as unknown as ServerReport;

// It has no small pictures: what comes of those is told in thumbs.test.ts.
const server = new ScriptedServer();
beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(async () => {
  await db.delete();
  await db.open();
  server.asked = [];
  server.refuses(404, "rendition-not-made");
});
// Nothing waits for the small pictures; the next test does, so that it sees its own alone.
afterEach(async () => {
  const bare = await db.photos.filter((one) => !one.here && !one.thumb).count();
  await until(() => server.asked.length >= bare);
});

test("the reasons are those of the newest revision", () => {
  expect(reasonsOf(report)).toEqual({ "": "请补充", "T-A01": "照片不清" });
  expect(reasonsOf({ ...report, revision: 2 })).toEqual({});
  expect(reasonsOf({ ...report, state: "approved" })).toBeNull();
});

test("a returned report opens as revision 2 with its answers and photos, and is the same body but for that and the signature", async () => {
  await revise(report);
  const again = await db.drafts.get(ID);
  expect(again?.revision).toBe(2);
  expect(again?.returned).toEqual({ "": "请补充", "T-A01": "照片不清" });
  expect(again?.answers["T-A01"]).toEqual({ value: "fail", note: "3号楼东侧", severity: "critical" });
  const photos = await db.photos.where("report_id").equals(ID).sortBy("id");
  expect(photos.map(({ id, state, here, sent }) => [id, state, here, sent])[0]).toEqual([
    photoId(1),
    "stored",
    false,
    3_145_728,
  ]);
  const made = { checklist, photos, limits: {}, deviceId: "phone-1", moment: golden.finished_at };
  expect(again && bodyOf({ ...made, draft: again })).toEqual({
    ...golden,
    revision: 2,
    representative: { name: "李工", signed_at: null, signature: null },
  });
  expect(again?.signed_before).toEqual({
    revision: 1,
    name: "李工",
    signed_at: golden.representative.signed_at,
  });
});

test("its small pictures are asked for, and nothing waits for them", async () => {
  await revise(report);
  expect((await db.drafts.get(ID))?.revision).toBe(2);
  await until(() => server.asked.length === 5);
  expect(server.asked.map(({ path }) => path)).toEqual(
    content.photos.map(({ id }) => `/api/v1/photos/${id}/thumb`),
  );
});

test("who signed a revision before the newest is still named with that one", async () => {
  const signed = { revision: 1, name: "李工", signed_at: "2026-11-20T01:57:00.000Z", signature: [[[0, 0]]] };
  const unsigned = { ...content, revision: 2, representative: null };
  await revise({ ...report, revision: 2, content: unsigned, signed } as ServerReport);
  expect((await db.drafts.get(ID))?.signed_before).toMatchObject({ revision: 1, name: "李工" });
});

test("a refused report that the server never had goes on with its signature, one that it had does not", () => {
  expect(takenOver(content, 1)).toEqual({ representative: golden.representative, signed_before: null });
  expect(takenOver(content, 2).representative?.signature).toBeNull();
});

test("a draft of it that is there already, and photos that are, stay as they are", async () => {
  await db.drafts.add(draft({ revision: 2, summary: "改过" }));
  await revise(report);
  expect((await db.drafts.get(ID))?.summary).toBe("改过");
  await db.drafts.delete(ID);
  await db.photos.add(photo(photoId(1), "T-A01", { caption: "在本机", thumb: new Blob(["x"]) }));
  await revise(report);
  expect((await db.photos.get(photoId(1)))?.caption).toBe("在本机");
  expect(await db.photos.count()).toBe(5);
});

function outgoing(more: Partial<Outgoing>): Outgoing {
  return {
    id: ID,
    revision: 1,
    body: content,
    site_name: "老军营小区",
    checklist_code: "T",
    queued_at: "",
    state: "refused",
    tries: 1,
    next_try_at: 0,
    problem: null,
    receipt: null,
    photos_expected: 5,
    photos_stored: 0,
    ...more,
  };
}

test("throwing a draft away keeps the photos of a revision that is on its way", async () => {
  await db.photos.add(photo(photoId(1), "T-A01"));
  await db.drafts.add(draft());
  await db.outbox.put(outgoing({ state: "waiting" }));
  await discardDraft(ID);
  expect(await db.photos.count()).toBe(1);
  await db.outbox.put(outgoing({ state: "received" }));
  await discardDraft(ID);
  expect(await db.photos.count()).toBe(0);
});

test("each report stands in one place", async () => {
  await db.reports.put(report);
  expect((await ownReports()).returned.length).toBe(1);
  await revise(report);
  const drafted = await ownReports(content.site_id);
  expect([drafted.returned.length, drafted.drafts.length]).toEqual([0, 1]);
  await db.drafts.clear();
  const receipt = { number: "YZ-1-R2", received_at: "", digest: "" };
  await db.outbox.put(outgoing({ revision: 2, state: "sending" }));
  const sending = await ownReports();
  expect([sending.sending.length, sending.arrived.length]).toEqual([1, 0]);
  await db.outbox.put(outgoing({ revision: 2, state: "received", receipt }));
  const arrived = await ownReports();
  expect([arrived.sending.length, arrived.arrived.length]).toEqual([0, 1]);
  await db.reports.put({ ...report, revision: 2, state: "submitted" });
  const synced = await ownReports();
  expect([synced.arrived.length, synced.sent.length]).toEqual([0, 1]);
  expect((await ownReports("elsewhere")).sent.length).toBe(0);
});

test("who was there, what was proposed, and what was fixed on the spot are still said by the next revision", async () => {
  const [first, ...rest] = content.answers;
  const [before, after] = content.photos;
  const issue = { severity: "critical", due_on: "2026-12-01", fixed_on_spot: true, after: [after?.id] };
  const fixed = {
    ...content,
    co_inspectors: ["0192f0c0-0000-7000-8000-0000000000bb"],
    answers: [{ ...first, photos: [before?.id], issue }, ...rest],
  } as unknown as ReportBody;
  await revise({ ...report, content: fixed as never });
  const made = await db.drafts.get(ID);
  expect(made?.co_inspectors).toEqual(fixed.co_inspectors);
  expect(made?.answers["T-A01"]).toMatchObject({ fixed_on_spot: true, due_on: "2026-12-01" });
  const photos = await db.photos.where("report_id").equals(ID).sortBy("id");
  const body = bodyOf({
    draft: made as NonNullable<typeof made>,
    checklist,
    photos,
    limits: {},
    deviceId: "phone-1",
    moment: "2026-11-22T01:00:00Z",
  });
  expect(body.answers[0]).toEqual(fixed.answers[0]);
  expect(body.co_inspectors).toEqual(fixed.co_inspectors);
});
