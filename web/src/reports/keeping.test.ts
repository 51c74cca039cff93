import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { db } from "@/kit/db";
import { draft } from "./fixtures";
import { Keeper, recoverTouches } from "./keeping";

beforeEach(async () => {
  localStorage.clear();
  await db.delete();
  await db.open();
  await db.drafts.add(draft());
});
afterEach(() => vi.restoreAllMocks());

const kept = async () => (await db.drafts.get(draft().id)) ?? null;

test("a tap is written at once, typing when flushed", async () => {
  const keeper = new Keeper(draft().id);
  keeper.answer("T-A01", { value: "pass" }, false);
  await vi.waitFor(async () => expect((await kept())?.answers["T-A01"]).toEqual({ value: "pass" }));
  keeper.set({ summary: "好" }, true);
  expect(keeper.state.value).toBe("keeping");
  expect((await kept())?.summary).toBe("");
  await keeper.flush();
  expect((await kept())?.summary).toBe("好");
  expect(keeper.state.value).toBe("kept");
});

test("typing is written by itself within 300 ms", async () => {
  const keeper = new Keeper(draft().id);
  keeper.set({ summary: "好" }, true);
  await new Promise((done) => setTimeout(done, 400));
  expect((await kept())?.summary).toBe("好");
});

test("two tabs with the same draft do not undo each other", async () => {
  const [one, two] = [new Keeper(draft().id), new Keeper(draft().id)];
  one.answer("T-A01", { value: "pass" }, false);
  two.answer("T-A02", { value: "fail", note: "裂缝" }, true);
  await Promise.all([one.flush(), two.flush()]);
  expect((await kept())?.answers).toEqual({
    "T-A01": { value: "pass" },
    "T-A02": { value: "fail", note: "裂缝" },
  });
});

test("a draft that was sent elsewhere is not made again", async () => {
  const keeper = new Keeper(draft().id);
  await db.drafts.delete(draft().id);
  keeper.answer("T-A01", { value: "pass" }, false);
  await keeper.flush();
  expect(keeper.state.value).toBe("gone");
  expect(await kept()).toBeNull();
});

test("what could not be written is written with the next touch", async () => {
  const keeper = new Keeper(draft().id);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  vi.spyOn(db.drafts, "put").mockRejectedValueOnce(new DOMException("full", "QuotaExceededError"));
  keeper.answer("T-A01", { value: "pass" }, true);
  await keeper.flush();
  expect(keeper.state.value).toBe("failed");
  keeper.answer("T-A02", { value: "na" }, false);
  await keeper.flush();
  expect(keeper.state.value).toBe("kept");
  expect((await kept())?.answers).toEqual({ "T-A01": { value: "pass" }, "T-A02": { value: "na" } });
});

test("what was typed in the last moment before the page was killed is there again", async () => {
  const killed = new Keeper(draft().id);
  vi.spyOn(killed, "flush").mockResolvedValue(); // it had no time
  killed.answer("T-A01", { value: "fail", note: "裂" }, true);
  killed.set({ summary: "好" }, true);
  await recoverTouches(draft().id);
  const again = await kept();
  expect([again?.answers["T-A01"], again?.summary]).toEqual([{ value: "fail", note: "裂" }, "好"]);
  expect(localStorage.length).toBe(0);
});

test("what is in the database is written nowhere else", async () => {
  const keeper = new Keeper(draft().id);
  keeper.answer("T-A01", { value: "pass" }, true);
  expect(localStorage.length).toBe(1);
  await keeper.flush();
  expect(localStorage.length).toBe(0);
});
