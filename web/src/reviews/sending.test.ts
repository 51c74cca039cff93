import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { session } from "@/accounts/session";
import { problem, type Reply, ScriptedServer, until } from "@/kit/testing/server";
import type { components } from "@/kit/wire";
import { keepReturn, recallReturn } from "./drafts";
import { UNDO_MS } from "./pending";
import {
  decide,
  dismiss,
  hasLeft,
  keepSending,
  refused,
  sendAllNow,
  sendingNow,
  undo,
  unsent,
} from "./sending";

const wanted = {
  report_id: "r1",
  number: "2026-0001",
  site: "老军营小区",
  revision: 1,
  decision: "return" as const,
  comment: "看不清",
  items: [],
};
const server = new ScriptedServer();
const taken: Reply = {
  status: 201,
  body: {
    id: "0192f0c0-0000-7000-8000-0000000000d1",
    report_id: "0192f0c0-0000-7000-8000-000000000001",
    revision: 1,
    decision: "return",
    comment: "看不清",
    items: [],
    reviewer_id: "p1",
    at: "2026-11-21T02:00:00Z",
    state: "returned",
    issues: [],
  } satisfies components["schemas"]["ReviewOut"],
};
const stale = (detail: string): Reply => ({ status: 409, body: problem(409, "revision-stale", { detail }) });
/** The reports whose decisions came, in the order in which they did. */
const came = () =>
  server.asked.filter(({ method }) => method === "POST").map(({ path }) => path.split("/")[4]);

/** The clock goes on; what is due by then is begun, and heard to its end. */
async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await until(() => sendingNow.value.size === 0);
}

/** One more decision goes through: whatever was to be sent before it has been sent by then. */
async function another(): Promise<void> {
  decide([{ ...wanted, report_id: "after" }]);
  await pass(UNDO_MS + 1000);
  expect(unsent.value.filter((one) => one.report_id === "after")).toEqual([]);
}

describe("sending decisions", () => {
  beforeAll(async () => {
    await server.start();
    // The page's clock alone: requests go over the wire meanwhile.
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
    keepSending();
  });
  afterAll(async () => {
    vi.useRealTimers();
    await server.stop();
  });
  beforeEach(() => {
    session.value = {
      access_token: "t",
      refresh_token: "r",
      ended: false,
      user: { id: "p1", username: "s", name: "审核人", roles: ["supervisor"], districts: [] },
    };
    server.asked = [];
    server.script = () => taken;
  });
  afterEach(() => {
    undo(unsent.value);
    refused.value.forEach(dismiss);
  });

  it("waits ten seconds, then sends once and forgets the draft", async () => {
    keepReturn("p1", "r1", { comment: "看不清", items: {} });
    decide([wanted]);
    vi.advanceTimersByTime(UNDO_MS - 1000);
    expect(sendingNow.value.size).toBe(0);
    expect(hasLeft({ id: "r1", revision: 1 })).toBe(true);
    await pass(2000);
    expect(server.asked).toMatchObject([
      {
        method: "POST",
        path: "/api/v1/reports/r1/reviews",
        headers: { authorization: "Bearer t" },
        body: { decision: "return", revision: 1, comment: "看不清" },
      },
    ]);
    expect(unsent.value).toEqual([]);
    expect(recallReturn("p1", "r1").comment).toBe("");
    expect(hasLeft({ id: "r1", revision: 1 })).toBe(true); // the list may be a moment behind
    expect(hasLeft({ id: "r1", revision: 2 })).toBe(false);
    await another();
    expect(came()).toEqual(["r1", "after"]);
  });

  it("never sends what was undone", async () => {
    decide([{ ...wanted, report_id: "r2" }]);
    undo(unsent.value);
    await pass(UNDO_MS * 3);
    expect(hasLeft({ id: "r2", revision: 1 })).toBe(false);
    await another();
    expect(came()).toEqual(["after"]);
  });

  it("keeps what the server refuses, with its reason, and the report comes back to the queue", async () => {
    server.script = ({ method }) => (method === "POST" ? stale("报告已有新版本") : { body: { history: [] } });
    keepReturn("p1", "r3", { comment: "看不清", items: {} });
    decide([{ ...wanted, report_id: "r3" }]);
    await pass(UNDO_MS + 1000);
    expect(refused.value[0]?.refused).toEqual({
      status: 409,
      code: "revision-stale",
      text: "报告已有新版本",
    });
    expect(hasLeft({ id: "r3", revision: 2 })).toBe(false);
    expect(recallReturn("p1", "r3").comment).toBe("看不清");
  });

  it("takes a 409 for done where the server has this decision already", async () => {
    const history = [{ kind: "review", revision: 1, decision: "return", by: { id: "p1" } }];
    server.script = ({ method }) => (method === "POST" ? stale("") : { body: { history } });
    decide([{ ...wanted, report_id: "r4" }]);
    await pass(UNDO_MS + 1000);
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /api/v1/reports/r4/reviews",
      "GET /api/v1/reports/r4",
    ]);
    expect([refused.value, unsent.value]).toEqual([[], []]);
  });

  it("tries again after a cut line, and one that fails does not hold up the next", async () => {
    server.script = () => (server.asked.length === 1 ? "cut" : taken);
    decide([
      { ...wanted, report_id: "r5" },
      { ...wanted, report_id: "r6" },
    ]);
    await pass(UNDO_MS + 1000);
    await until(() => unsent.value.length === 1);
    expect(unsent.value.map((one) => [one.report_id, one.tries])).toEqual([["r5", 1]]);
    await pass(6000);
    expect(unsent.value).toEqual([]);
    expect(came()).toEqual(["r5", "r6", "r5"]);
  });

  it("is not done by somebody else's sign-in", async () => {
    decide([{ ...wanted, report_id: "r7" }]);
    const who = session.value;
    session.value = who && { ...who, user: { ...who.user, id: "p2" } };
    await pass(UNDO_MS * 2);
    await another();
    expect(came()).toEqual(["after"]);
    session.value = who;
  });

  it("goes out at once, and stays kept, when the page is left", async () => {
    decide([{ ...wanted, report_id: "r8" }]);
    dispatchEvent(new Event("pagehide"));
    await until(() => server.asked.length === 1);
    expect(server.asked).toMatchObject([
      {
        method: "POST",
        path: "/api/v1/reports/r8/reviews",
        headers: { authorization: "Bearer t" },
        body: { decision: "return", revision: 1, comment: "看不清", items: [] },
      },
    ]);
    expect(localStorage.getItem("dudao.decision.r8")).toContain("看不清");
  });

  it("is hurried before signing out", async () => {
    decide([{ ...wanted, report_id: "r9" }]);
    await sendAllNow();
    expect(came()).toEqual(["r9"]);
    expect(unsent.value).toEqual([]);
  });
});
