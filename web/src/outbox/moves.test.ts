import "./testing.browser";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { session } from "@/accounts/session";
import { db, type Issue, type OutgoingMove } from "@/kit/db";
import { acknowledge, giveReason, openDraft, reopenMove, sendMove } from "@/moves/draft";
import { anIssue } from "@/moves/fixtures";
import { takeIn } from "@/photos/take";
import { busy, sendNow, startSending } from "./engine";
import { exportQueue, importQueue } from "./file";
import { open } from "./packed";
import { canonical, digestOf } from "./receipt";
import { aReport, freshPhone, TestServer } from "./testing";

let server: TestServer;
/** What the server answers to what is done about issues: a status with its body, or nothing but a broken line. */
let answers: ((path: string, body: Record<string, unknown>) => { status: number; body: object } | null)[] =
  [];
const heard: { path: string; body: Record<string, unknown> }[] = [];
const issue = anIssue();
startSending();

beforeEach(async () => {
  await quiet();
  await freshPhone();
  await Promise.all([db.moves.clear(), db.issues.clear()]);
  await db.issues.put(issue);
  heard.length = 0;
  answers = [];
  server = new TestServer();
  server.fault = (request, answer, bytes) => {
    const path = request.url?.replace("/api/v1", "") ?? "";
    if (!path.startsWith("/issues/")) return false;
    const body = JSON.parse(bytes.toString());
    heard.push({ path, body });
    const given = (answers.length > 1 ? answers.shift() : answers[0])?.(path, body);
    if (!given) request.socket.destroy();
    else
      answer
        .writeHead(given.status, {
          "Content-Type": given.status < 300 ? "application/json" : "application/problem+json",
        })
        .end(JSON.stringify(given.body));
    return true;
  };
  await server.start();
});
afterEach(async () => {
  await quiet();
  await server.stop();
});

const quiet = () => vi.waitFor(() => expect(busy.value).toBe(false), { timeout: 5000, interval: 5 });
const rows = async () => (await db.outbox.toArray()) as OutgoingMove[];
const after = (state: Issue["state"], more: Partial<Issue> = {}) => ({ ...issue, state, ...more });
const refusal =
  (status: number, code: string, more: object = {}) =>
  () => ({
    status,
    body: { type: "about:blank", title: code, status, code, detail: code, errors: {}, ...more },
  });

/** As the server takes an entry: the photos that it has not, then the receipt for these very words. */
async function entryOf(body: Record<string, unknown>, state: Issue["state"], how = "complete") {
  const photos = (body.photos ?? []) as { id: string; sha256: string }[];
  const missing = photos.filter(({ id }) => !server.photos.has(id));
  return {
    id: body.id,
    issue_id: issue.id,
    kind: "reply",
    round: 1,
    state: missing.length ? "incomplete" : how,
    photos: {
      expected: photos.length,
      received: photos.length - missing.length,
      missing: missing.map(({ id, sha256 }) => ({ id, sha256 })),
      refused: [],
    },
    receipt: missing.length
      ? null
      : { number: "N-1-R1", received_at: "2026-11-25T10:00:00Z", digest: await digestOf(body as never) },
    doubts: [],
    issue: after(missing.length ? "rectifying" : state),
  };
}

/** `digestOf` is asynchronous and the server here is not: what was asked is answered from a list made before. */
function takes(state: Issue["state"], how?: string): void {
  const known = new Map<string, object>();
  server.fault = ((before) => (request, answer, bytes) => {
    const path = request.url ?? "";
    if (!path.includes("/issues/")) return before(request, answer, bytes);
    const body = JSON.parse(bytes.toString());
    heard.push({ path: path.replace("/api/v1", ""), body });
    void entryOf(body, state, how).then((told) => {
      const fresh = !known.has(String(body.id));
      known.set(String(body.id), told);
      answer.writeHead(fresh ? 201 : 200, { "Content-Type": "application/json" }).end(JSON.stringify(told));
    });
    return true;
  })(server.fault);
}

async function aReply(photos = 1): Promise<string> {
  const id = await openDraft(issue, "reply", { measure: "已换证", done_at: "2026-11-25T09:00:00Z" });
  for (let n = 0; n < photos; n++) {
    const file = Object.assign(
      new Blob([Buffer.alloc(2000, `picture ${n} of ${id}`)], { type: "image/jpeg" }),
      {
        lastModified: 0,
        name: "x",
      },
    ) as File;
    await takeIn(file, { report_id: id, item: null, source: "camera", position: null, pair_of: "before-1" });
  }
  // What draws here knows no blobs of this database's kind.
  await db.photos.toCollection().modify({ thumb: null });
  return id;
}

test("a reply goes out with its photos, and only its receipt frees them; the issue is as the answer says", async () => {
  takes("pending_verification");
  const id = await aReply(2);
  expect(await sendMove(id, issue)).toBe(true);
  await quiet();
  expect(await db.moves.count()).toBe(0);
  expect(await rows()).toMatchObject([
    { id, kind: "reply", state: "received", receipt: { number: "N-1-R1" } },
  ]);
  expect(await db.originals.count()).toBe(0);
  expect((await db.issues.get(issue.id))?.state).toBe("pending_verification");
  expect(heard.map(({ path }) => path)).toEqual(Array(2).fill(`/issues/${issue.id}/replies`));
  expect(heard[0]?.body).toMatchObject({
    id,
    round: 1,
    measure: "已换证",
    photos: [{ pair_of: "before-1" }, { pair_of: "before-1" }],
  });
  expect([...server.uploads.values()].length).toBe(2);
});

test("a receipt for other words frees nothing", async () => {
  const id = await aReply(0);
  answers = [
    (_, body) => ({
      status: 201,
      body: {
        id: body.id,
        state: "complete",
        photos: { expected: 0, received: 0, missing: [], refused: [] },
        receipt: { number: "N", received_at: "2026-11-25T10:00:00Z", digest: "0".repeat(64) },
        issue,
      },
    }),
  ];
  await sendMove(id, issue);
  await quiet();
  expect(await rows()).toMatchObject([{ state: "refused", problem: { code: "digest-differs" } }]);
});

test("an acknowledgement is once, and the issue that comes back is its receipt", async () => {
  const step = { at: "2026-11-25T10:00:00Z", verb: "acknowledge", round: 1, by: null, facts: {} };
  const told = after("rectifying", { history: [step as never] });
  answers = [() => null, () => ({ status: 201, body: told })];
  expect(await acknowledge(issue)).toBe(true);
  expect(await acknowledge(issue)).toBe(false);
  await quiet();
  expect(await rows()).toMatchObject([{ kind: "acknowledge", state: "waiting" }]); // the line broke
  await sendNow();
  await quiet();
  expect(await rows()).toMatchObject([
    { state: "received", receipt: { number: issue.number, received_at: step.at } },
  ]);
  expect((await db.issues.get(issue.id))?.state).toBe("rectifying");
});

test("what the issue no longer waits for is refused with how it stands, and comes back whole under a new id", async () => {
  answers = [refusal(409, "issue-state", { state: "pending_verification", round: 1 })];
  const id = await aReply(1);
  await sendMove(id, issue);
  await quiet();
  const [row] = await rows();
  expect(row).toMatchObject({
    state: "refused",
    problem: { code: "issue-state", more: { state: "pending_verification" } },
  });
  const renewed = (await reopenMove(row as OutgoingMove)) as string;
  expect(renewed).not.toBe(id);
  expect(await db.moves.get(renewed)).toMatchObject({ kind: "reply", measure: "已换证", issue_id: issue.id });
  expect(await db.photos.where("report_id").equals(renewed).toArray()).toMatchObject([
    { here: true, pair_of: "before-1" },
  ]);
  expect(await db.outbox.count()).toBe(0);
  expect(await reopenMove(row as OutgoingMove)).toBeNull();
});

test("a doubt is asked about, and the same goes out again with the reason", async () => {
  const doubts = [{ code: "after-photo-far", photo: "p", numbers: { distance_m: 900, allowed_m: 200 } }];
  answers = [refusal(422, "reason-missing", { doubts })];
  const id = await openDraft(issue, "verification", { result: "pass" });
  await sendMove(id, issue);
  await quiet();
  const [row] = await rows();
  expect(row).toMatchObject({ state: "refused", problem: { more: { doubts } } });
  takes("closed");
  await giveReason(row as OutgoingMove, "同一楼栋，已到场核实");
  await sendNow(id);
  await quiet();
  expect(await rows()).toMatchObject([
    { id, state: "received", body: { result: "pass", reason: "同一楼栋，已到场核实" } },
  ]);
  expect(await db.issues.get(issue.id)).toBeUndefined(); // closed, and nobody is to look again
});

test("what came whole too late is kept there, and that it changed nothing is said", async () => {
  takes("closed", "superseded");
  const id = await aReply(1);
  await sendMove(id, issue);
  await quiet();
  expect(await rows()).toMatchObject([{ state: "received", superseded: true }]);
});

test("the queue's file holds them beside the reports, out of the way of who knows only those", async () => {
  answers = [() => null];
  await sendMove(await aReply(1), issue);
  await quiet();
  await db.outbox.add(await aReport(0));
  const file = await exportQueue();
  const { header } = await open(file);
  expect([header.reports.length, header.moves?.length]).toEqual([1, 1]);
  const kept = await rows();
  await freshPhone();
  session.value = session.value && { ...session.value, ended: true };
  expect(await importQueue(file)).toMatchObject({ taken: 2, damaged: [] });
  expect(new Set((await rows()).map(({ id }) => id))).toEqual(new Set(kept.map(({ id }) => id)));
  expect(await db.originals.count()).toBe(1);
  expect(canonical((await rows()).find(({ kind }) => kind === "reply")?.body)).toBe(
    canonical(kept.find(({ kind }) => kind === "reply")?.body),
  );
});
