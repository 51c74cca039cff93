import "./testing.browser";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { db } from "@/kit/db";
import { finish } from "@/reports/finish";
import { checklist, draft } from "@/reports/fixtures";
import { busy, wake } from "./engine";
import { aReport, freshPhone, TestServer } from "./testing";

let server: TestServer;
let full = false;

const quiet = () => vi.waitFor(() => expect(busy.value).toBe(false), { timeout: 5000, interval: 5 });

/** A phone on which nothing more can be written until an original has gone. */
function fillUp(): void {
  full = true;
  const [put, update, remove] = [
    IDBObjectStore.prototype.put,
    IDBCursor.prototype.update,
    IDBObjectStore.prototype.delete,
  ];
  const checked = <T extends (this: never, ...given: never[]) => unknown>(write: T) =>
    function (this: never, ...given: never[]) {
      if (full) throw new DOMException("full", "QuotaExceededError");
      return write.apply(this, given);
    };
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(checked(put) as never);
  vi.spyOn(IDBCursor.prototype, "update").mockImplementation(checked(update) as never);
  vi.spyOn(IDBObjectStore.prototype, "delete").mockImplementation(function (this: IDBObjectStore, key) {
    if (this.name === "originals") this.transaction.addEventListener("complete", () => (full = false));
    return remove.call(this, key);
  });
}

beforeEach(async () => {
  await quiet();
  await freshPhone();
  server = new TestServer();
  await server.start();
  for (const how of ["error", "warn"] as const) vi.spyOn(console, how).mockImplementation(() => undefined);
});
afterEach(async () => {
  full = false;
  vi.restoreAllMocks();
  await quiet();
  await server.stop();
});

test("on a full phone reports still go out, which makes room again", async () => {
  const reports = [await aReport(2), await aReport(1)];
  await db.outbox.bulkAdd(reports);
  fillUp();
  wake();
  await quiet();
  for (const { id } of reports)
    expect(await db.outbox.get(id)).toMatchObject({ state: "received", problem: null });
  expect(await db.originals.count()).toBe(0);
  expect(server.photos.size).toBe(3);
});

test("a full phone's originals stay until the receipt is here", async () => {
  const report = await aReport(1);
  await db.outbox.add(report);
  server.fault = (request, answer) =>
    request.method === "POST" && server.problem(answer, 503, "storage-full");
  fillUp();
  wake();
  await quiet();
  expect(await db.originals.count()).toBe(1);
});

test("a report that is queued is not said to have failed because nothing more could be noted", async () => {
  await db.drafts.add(draft());
  vi.spyOn(db.kept, "put").mockRejectedValue(new DOMException("full", "QuotaExceededError"));
  expect(await finish(draft().id, checklist, {}, "一小区")).toBe(true);
});
