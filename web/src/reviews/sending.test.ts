import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { session } from "@/accounts/session";
import { RefusedError } from "@/kit/api";
import { keepReturn, recallReturn } from "./drafts";
import { UNDO_MS } from "./pending";

const { POST, GET } = vi.hoisted(() => ({ POST: vi.fn(), GET: vi.fn() }));
vi.mock("@/kit/api", async (original) => ({
  ...(await original<object>()),
  api: { POST, GET },
  told: (answer: unknown) => answer,
}));

const { decide, dismiss, hasLeft, keepSending, refused, sendAllNow, undo, unsent } = await import(
  "./sending"
);
const wanted = {
  report_id: "r1",
  number: "2026-0001",
  site: "老军营小区",
  revision: 1,
  decision: "return" as const,
  comment: "看不清",
  items: [],
};
const tick = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("sending decisions", () => {
  beforeAll(() => {
    vi.useFakeTimers();
    keepSending();
  });
  afterAll(() => {
    vi.useRealTimers();
  });
  beforeEach(() => {
    vi.stubGlobal("fetch", vi.fn().mockResolvedValue(new Response()));
    session.value = {
      access_token: "t",
      refresh_token: "r",
      ended: false,
      user: { id: "p1", username: "s", name: "审核人", roles: ["supervisor"], districts: [] },
    };
    POST.mockReset().mockResolvedValue({});
    GET.mockReset().mockResolvedValue({ data: { history: [] } });
  });
  afterEach(() => {
    undo(unsent.value);
    refused.value.forEach(dismiss);
  });

  it("waits ten seconds, then sends once and forgets the draft", async () => {
    keepReturn("p1", "r1", { comment: "看不清", items: {} });
    decide([wanted]);
    await tick(UNDO_MS - 1000);
    expect(POST).not.toHaveBeenCalled();
    expect(hasLeft({ id: "r1", revision: 1 })).toBe(true);
    await tick(2000);
    expect(POST).toHaveBeenCalledTimes(1);
    expect(POST.mock.calls[0]?.[1].body).toMatchObject({
      decision: "return",
      revision: 1,
      comment: "看不清",
    });
    expect(unsent.value).toEqual([]);
    expect(recallReturn("p1", "r1").comment).toBe("");
    expect(hasLeft({ id: "r1", revision: 1 })).toBe(true); // the list may be a moment behind
    expect(hasLeft({ id: "r1", revision: 2 })).toBe(false);
  });

  it("never sends what was undone", async () => {
    decide([{ ...wanted, report_id: "r2" }]);
    undo(unsent.value);
    await tick(UNDO_MS * 3);
    expect(POST).not.toHaveBeenCalled();
    expect(hasLeft({ id: "r2", revision: 1 })).toBe(false);
  });

  it("keeps what the server refuses, with its reason, and the report comes back to the queue", async () => {
    POST.mockRejectedValue(new RefusedError(409, "revision-stale", "报告已有新版本"));
    keepReturn("p1", "r3", { comment: "看不清", items: {} });
    decide([{ ...wanted, report_id: "r3" }]);
    await tick(UNDO_MS + 1000);
    expect(refused.value[0]?.refused).toEqual({
      status: 409,
      code: "revision-stale",
      text: "报告已有新版本",
    });
    expect(hasLeft({ id: "r3", revision: 2 })).toBe(false);
    expect(recallReturn("p1", "r3").comment).toBe("看不清");
  });

  it("takes a 409 for done where the server has this decision already", async () => {
    POST.mockRejectedValue(new RefusedError(409, "revision-stale", ""));
    GET.mockResolvedValue({
      data: { history: [{ kind: "review", revision: 1, decision: "return", by: { id: "p1" } }] },
    });
    decide([{ ...wanted, report_id: "r4" }]);
    await tick(UNDO_MS + 1000);
    expect([refused.value, unsent.value]).toEqual([[], []]);
  });

  it("tries again after a cut line, and one that fails does not hold up the next", async () => {
    POST.mockRejectedValueOnce(new Error("no line"));
    decide([
      { ...wanted, report_id: "r5" },
      { ...wanted, report_id: "r6" },
    ]);
    await tick(UNDO_MS + 1000);
    expect(unsent.value.map((one) => [one.report_id, one.tries])).toEqual([["r5", 1]]);
    await tick(6000);
    expect(unsent.value).toEqual([]);
    expect(POST).toHaveBeenCalledTimes(3);
  });

  it("is not done by somebody else's sign-in", async () => {
    decide([{ ...wanted, report_id: "r7" }]);
    const who = session.value;
    session.value = who && { ...who, user: { ...who.user, id: "p2" } };
    await tick(UNDO_MS * 2);
    expect(POST).not.toHaveBeenCalled();
    session.value = who;
  });

  it("goes out at once, and stays kept, when the page is left", async () => {
    decide([{ ...wanted, report_id: "r8" }]);
    dispatchEvent(new Event("pagehide"));
    expect(vi.mocked(fetch).mock.calls[0]?.[0]).toBe("/api/v1/reports/r8/reviews");
    expect(vi.mocked(fetch).mock.calls[0]?.[1]).toMatchObject({ keepalive: true, method: "POST" });
    expect(localStorage.getItem("dudao.decision.r8")).toContain("看不清");
  });

  it("is hurried before signing out", async () => {
    decide([{ ...wanted, report_id: "r9" }]);
    await sendAllNow();
    expect(POST).toHaveBeenCalledTimes(1);
    expect(unsent.value).toEqual([]);
  });
});
