import "@/outbox/testing.browser";
import { beforeEach, expect, test, vi } from "vitest";
import { session } from "@/accounts/session";
import { db } from "@/kit/db";
import { takeIn } from "@/photos/take";
import { finish } from "./finish";
import { checklist, draft, photo } from "./fixtures";

const id = draft().id;
const send = () => finish(id, checklist, {}, "一小区");
const row = () => db.outbox.get(id);

beforeEach(async () => {
  session.value = null; // nothing is to be sent here
  await Promise.all([db.outbox, db.drafts, db.photos, db.originals].map((table) => table.clear()));
  await db.drafts.add(draft());
});

test("what another tab kept a moment ago goes along, although this page has not heard of it", async () => {
  await db.drafts.update(id, { summary: "另一个页面写的", answers: { "T-A02": { value: "pass" } } });
  await db.photos.add(photo("p-1", "T-B03"));
  expect(await send()).toBe(true);
  expect((await row())?.body).toMatchObject({
    summary: "另一个页面写的",
    answers: [
      { item: "T-A02", value: "pass" },
      { item: "T-B03", photos: ["p-1"] },
    ],
    photos: [{ id: "p-1" }],
  });
  expect(await db.drafts.count()).toBe(0);
});

test("a draft that another tab has finished is not queued again over what is on its way", async () => {
  await send();
  await db.outbox.update(id, { state: "received" });
  const before = await row();
  expect(await send()).toBe(false);
  expect(await row()).toEqual(before);
});

test("photos that are still being taken in go along", async () => {
  const files = ["one", "two", "three"].map(
    (text) => Object.assign(new Blob([text], { type: "image/png" }), { lastModified: 0, name: text }) as File,
  );
  const taking = files.map((file) =>
    takeIn(file, { report_id: id, item: "T-B03", source: "gallery", position: null }),
  );
  await send();
  const taken = await Promise.all(taking);
  expect((await row())?.body.photos?.map((one) => one.id)).toEqual(taken.map((one) => one.id));
});

test("a photo for a report that has gone meanwhile is refused aloud, and leaves nothing behind", async () => {
  await db.drafts.delete(id);
  const file = Object.assign(new Blob(["x"]), { lastModified: 0, name: "x" }) as File;
  const about = { report_id: id, item: "T-B03", source: "gallery" as const, position: null };
  await expect(takeIn(file, about)).rejects.toMatchObject({ code: "noReport" });
  expect([await db.photos.count(), await db.originals.count()]).toEqual([0, 0]);
});

test("a picture whose worker never answers keeps no other waiting", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  vi.stubGlobal(
    "Worker",
    class {
      postMessage(): void {}
      terminate(): void {}
    },
  );
  const file = Object.assign(new Blob(["x"]), { lastModified: 0, name: "x" }) as File;
  const taking = takeIn(file, { report_id: id, item: "T-B03", source: "gallery", position: null });
  await vi.waitFor(async () => {
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await db.photos.count()).toBe(1);
  });
  expect(await taking).toMatchObject({ size: 1 });
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
