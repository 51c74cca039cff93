import "./testing.browser";
import { beforeEach, expect, test } from "vitest";
import { session } from "@/accounts/session";
import { db } from "@/kit/db";
import { exportQueue, importQueue } from "./file";
import { FileError } from "./packed";
import { aReport, freshPhone } from "./testing";

beforeEach(freshPhone);

async function everything() {
  const [outbox, photos, originals] = [
    await db.outbox.toArray(),
    await db.photos.toArray(),
    await db.originals.toArray(),
  ];
  const bytes = async (blob: Blob | null) => blob && Buffer.from(await blob.arrayBuffer()).toString("base64");
  return {
    outbox,
    photos: await Promise.all(photos.map(async (photo) => ({ ...photo, thumb: await bytes(photo.thumb) }))),
    originals: await Promise.all(
      originals.map(async ({ id, blob }) => ({ id, type: blob.type, bytes: await bytes(blob) })),
    ),
  };
}

async function otherPhone(): Promise<void> {
  const kept = session.value;
  await freshPhone();
  session.value = kept;
}

test("a queue that goes out as a file comes in to the letter", async () => {
  await db.outbox.bulkAdd([await aReport(2), await aReport(0)]);
  const before = await everything();
  const file = await exportQueue();
  await otherPhone();
  session.value = session.value && { ...session.value, ended: true }; // nothing is to be sent here
  expect(await importQueue(file)).toEqual({ taken: 2, known: 0, damaged: [] });
  expect(await everything()).toEqual(before);
});

test("what is here already stays as it is", async () => {
  const report = await aReport(1);
  await db.outbox.add(report);
  const file = await exportQueue();
  const receipt = { number: "N-1", received_at: "2026-11-20T10:00:00+08:00", digest: "d" };
  await db.outbox.update(report.id, { state: "received", receipt });
  expect(await importQueue(file)).toMatchObject({ taken: 0, known: 1 });
  expect(await db.outbox.get(report.id)).toMatchObject({ state: "received", receipt });
});

test("reports that are not whole in the file are named, the others come in", async () => {
  const [whole, cut] = [await aReport(1), await aReport(1)];
  await db.outbox.bulkAdd([whole, cut]);
  const file = await exportQueue();
  await otherPhone();
  const told = await importQueue(file.slice(0, file.size - 1000));
  expect(told).toEqual({ taken: 1, known: 0, damaged: [cut.site_name] });
  expect(await db.originals.count()).toBe(1);
});

test("another person's queue and foreign files are refused with nothing changed", async () => {
  await db.outbox.add(await aReport(1));
  const file = await exportQueue();
  await otherPhone();
  if (session.value) session.value = { ...session.value, user: { ...session.value.user, id: "p-2" } };
  await expect(importQueue(file)).rejects.toMatchObject({ code: "otherPerson", whose: "王督导" });
  await expect(importQueue(new Blob(["%PDF-1.7 something"]))).rejects.toBeInstanceOf(FileError);
  await expect(importQueue(file.slice(0, 60))).rejects.toMatchObject({ code: "notOurs" });
  expect(await db.outbox.count()).toBe(0);
});
