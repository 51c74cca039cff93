import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { effectScope } from "vue";
import { db } from "@/kit/db";
import { noRoom } from "@/kit/testing/room";
import { draft } from "./fixtures";
import { Keeper } from "./keeping";
import { merge, useFill } from "./useFill";

beforeEach(async () => {
  localStorage.clear();
  await db.delete();
  await db.open();
  await db.drafts.add(draft());
});
afterEach(() => vi.useRealTimers());

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
  const gone = noRoom(db.drafts);
  keeper.answer("T-A01", { value: "pass" }, true);
  await keeper.flush();
  expect(keeper.state.value).toBe("failed");
  gone();
  keeper.answer("T-A02", { value: "na" }, false);
  await keeper.flush();
  expect(keeper.state.value).toBe("kept");
  expect((await kept())?.answers).toEqual({ "T-A01": { value: "pass" }, "T-A02": { value: "na" } });
});

test("what was typed in the last moment before the page was killed is there again", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }); // its 300 ms never pass
  const killed = new Keeper(draft().id);
  killed.answer("T-A01", { value: "fail", note: "裂" }, true);
  killed.set({ summary: "好" }, true);
  const opened = draft();
  const keeper = new Keeper(draft().id);
  keeper.recover(opened);
  await keeper.flush();
  const again = await kept();
  expect(again).toMatchObject({ answers: opened.answers, summary: opened.summary });
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

test("what is not written yet is known, and what is older than what was written", async () => {
  const keeper = new Keeper(draft().id);
  const before = await kept();
  keeper.answer("T-A01", { value: "fail", note: "开裂" }, true);
  keeper.set({ summary: "好" }, true);
  expect(["T-A01", "summary", "T-A02"].map((name) => keeper.holds(name))).toEqual([true, true, false]);
  const writing = keeper.flush();
  expect(keeper.holds("T-A01")).toBe(true);
  await writing;
  expect(keeper.holds("T-A01")).toBe(false);
  const after = await kept();
  expect([before, after].map((one) => one && keeper.isPast(one))).toEqual([true, false]);
});

test("another tab's touches show, but not over what is being typed here", () => {
  const shown = draft({ answers: { "T-A01": { value: "fail", note: "这里" }, "T-A02": { value: "pass" } } });
  const there = draft({
    answers: {
      "T-A01": { value: "fail", note: "那里" },
      "T-A02": { value: "na" },
      "T-A03": { value: "pass" },
    },
    summary: "那里写的",
  });
  merge(shown, there, (name) => name === "T-A01");
  expect(shown.answers).toEqual({ ...there.answers, "T-A01": { value: "fail", note: "这里" } });
  expect(shown.summary).toBe("那里写的");
});

test("what is just being written is there again as well, where the page was killed in the middle", async () => {
  const killed = new Keeper(draft().id);
  const gone = noRoom(db.drafts);
  killed.answer("T-A01", { value: "pass" }, false); // flies
  await Promise.resolve();
  killed.answer("T-A02", { value: "na" }, true); // waits
  const journal = localStorage.getItem(`dudao.touched.${draft().id}`);
  await killed.flush();
  gone();
  expect(JSON.parse(journal ?? "").answers).toEqual({ "T-A01": { value: "pass" }, "T-A02": { value: "na" } });
});

test("a draft opens also where what was recovered cannot be written", async () => {
  const killed = new Keeper(draft().id);
  vi.useFakeTimers(); // which never writes it
  killed.set({ summary: "好" }, true);
  vi.useRealTimers();
  const gone = noRoom(db.drafts);
  const scope = effectScope();
  const fill = scope.run(() => useFill(draft().id, () => false));
  await vi.waitFor(() => expect(fill?.loaded.value).toBe(true));
  expect(fill?.draft.value?.summary).toBe("好");
  await vi.waitFor(() => expect(fill?.keeper.state.value).toBe("failed"));
  gone();
  await fill?.keeper.flush();
  expect((await kept())?.summary).toBe("好");
  scope.stop();
});
