import "fake-indexeddb/auto";
import Dexie from "dexie";
import { afterAll, expect, test, vi } from "vitest";
import { draft } from "@/reports/fixtures";
import { CURSOR, db, isReport } from "./db";

const old = new Dexie("dudao-nobody");
old.version(1).stores({
  kept: "key",
  originals: "id",
  sites: "id",
  checklists: "[code+version], code",
  reports: "id, state",
  issues: "id, state",
  drafts: "id, touched_at",
  outbox: "id, state",
  photos: "id, report_id",
});
afterAll(() => {
  old.close();
  db.close();
});

test("a tab of the version before neither holds up the new one nor loses what it goes on writing", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  await old.table("kept").put({ key: CURSOR, value: "c-1" });
  await old.table("drafts").add(draft());
  // What waits in a queue of that version is a report, though it does not say so.
  await old.table("outbox").bulkAdd([{ id: "o-1", state: "waiting", revision: 2, body: { photos: [] } }]);
  expect(await db.drafts.get(draft().id)).toEqual(draft()); // opens and upgrades while the old tab is there
  expect(await db.kept.get(CURSOR)).toBeUndefined();
  expect(await db.outbox.toArray()).toEqual([
    { id: "o-1", kind: "report", state: "waiting", revision: 2, body: { photos: [] } },
  ]);
  await old.table("outbox").add({ id: "o-2", state: "waiting", revision: 1, body: { photos: [] } });
  expect((await db.outbox.toArray()).every(isReport)).toBe(true);
  await old.table("drafts").update(draft().id, { summary: "旧版本里写的" });
  expect(await db.drafts.get(draft().id)).toMatchObject({ summary: "旧版本里写的" });
  await db.drafts.update(draft().id, { summary: "新版本里写的" });
  expect(await old.table("drafts").get(draft().id)).toMatchObject({ summary: "新版本里写的" });
});
