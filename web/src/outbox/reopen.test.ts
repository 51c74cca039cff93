import "./testing.browser";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { session } from "@/accounts/session";
import { db } from "@/kit/db";
import { exportQueue, importQueue } from "./file";
import { asDraft, reopen } from "./reopen";
import { aReport, freshPhone } from "./testing";

beforeEach(async () => {
  await freshPhone();
  if (session.value) session.value = { ...session.value, ended: true }; // nothing is to be sent here
  vi.stubGlobal("fetch", async () => Response.json({ code: "not-found" }, { status: 404 }));
});
afterEach(() => vi.unstubAllGlobals());

test("going back twice does not undo what was typed after the first time", async () => {
  const report = { ...(await aReport(1)), state: "refused" as const };
  await db.outbox.add(report);
  await reopen(report);
  await db.drafts.update(report.id, { summary: "后来写的" });
  await reopen(report); // the same card, still open in another tab
  expect(await db.drafts.get(report.id)).toMatchObject({ summary: "后来写的" });
});

test("what a try in another tab brought through meanwhile is not taken back", async () => {
  const report = { ...(await aReport(1)), state: "refused" as const };
  const receipt = { number: "N-1", received_at: "2026-11-20T10:00:00+08:00", digest: "d" };
  await db.outbox.add({ ...report, state: "received", receipt });
  await reopen(report);
  expect(await db.outbox.get(report.id)).toMatchObject({ state: "received", receipt });
  expect(await db.drafts.count()).toBe(0);
});

test("an old file does not send what is being mended here", async () => {
  const report = await aReport(1);
  await db.outbox.add(report);
  const file = await exportQueue();
  await db.outbox.delete(report.id);
  await db.drafts.add(asDraft(report, 1));
  expect(await importQueue(file)).toEqual({ taken: 0, known: 1, damaged: [] });
  expect(await db.outbox.count()).toBe(0);
});
