import "./testing.browser";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { nextTick } from "vue";
import { keepSession, session } from "@/accounts/session";
import { db, type Outgoing, type Photo } from "@/kit/db";
import { busy, holding, sendNow, startSending, wake } from "./engine";
import { enqueue } from "./enqueue";
import { happenings } from "./events";
import { aReport, freshPhone, TestServer } from "./testing";

let server: TestServer;
startSending();

beforeEach(async () => {
  await quiet();
  await freshPhone();
  server = new TestServer();
  await server.start();
});

afterEach(async () => {
  vi.useRealTimers();
  await quiet();
  await server.stop();
});

const quiet = () => vi.waitFor(() => expect(busy.value).toBe(false), { timeout: 5000, interval: 5 });

/** Queue, and wait until the pass that it started has ended. */
async function send(...reports: Outgoing[]): Promise<Outgoing[]> {
  for (const report of reports) await enqueue(async () => report);
  await quiet();
  return Promise.all(reports.map(row));
}

const row = async ({ id }: Outgoing) => (await db.outbox.get(id)) as Outgoing;
const originalOf = async ({ id }: Photo) => (await db.originals.get(id))?.blob;
const photosOf = (report: Outgoing) => db.photos.where("report_id").equals(report.id).sortBy("id");

test("a report with photos goes out whole, and only its receipt frees the originals", async () => {
  const report = await aReport(2);
  const originals = await Promise.all(
    (await photosOf(report)).map(async (photo) => (await originalOf(photo))?.arrayBuffer()),
  );
  const [sent] = await send(report);
  expect(sent).toMatchObject({
    state: "received",
    problem: null,
    receipt: { number: "N-1-R1" },
    photos_stored: 2,
  });
  for (const [index, photo] of (await photosOf(report)).entries()) {
    expect(photo).toMatchObject({ state: "stored", here: false });
    expect(photo.thumb).not.toBeNull();
    expect(await originalOf(photo)).toBeUndefined();
    expect(server.photos.get(photo.id)?.equals(Buffer.from(originals[index] as ArrayBuffer))).toBe(true);
  }
  expect(server.log).toEqual([
    `PUT /reports/${report.id}`,
    "POST /uploads",
    "POST /uploads",
    `PUT /reports/${report.id}`,
  ]);
});

test("a reply that is lost after the PUT leads to the same receipt", async () => {
  const report = await aReport(0);
  let lost = 0;
  server.fault = (request, answer, body) => {
    if (request.method !== "PUT" || lost++) return false;
    server.reports.set(report.id, {
      body: JSON.parse(body.toString()),
      number: "N-7",
      received_at: "2026-11-20T02:00:00.000Z",
    });
    answer.socket?.destroy();
    return true;
  };
  const [cut] = await send(report);
  expect(cut).toMatchObject({ state: "waiting", tries: 1, problem: { code: "no-line" }, receipt: null });
  expect(holding.value).toBe("noLine");
  window.dispatchEvent(new Event("online"));
  await vi.waitFor(async () => expect((await row(report)).state).toBe("received"));
  expect((await row(report)).receipt).toMatchObject({
    number: "N-7-R1",
    received_at: "2026-11-20T02:00:00.000Z",
  });
  expect(server.reports.size).toBe(1);
});

test("a photo whose line broke goes on at the byte", async () => {
  const report = await aReport(1, 900_000);
  server.cutAfter = 300_000;
  const [cut] = await send(report);
  expect(cut).toMatchObject({
    state: "on_server",
    photos_expected: 1,
    photos_stored: 0,
    problem: { code: "no-line" },
  });
  expect((await photosOf(report))[0]).toMatchObject({ state: "kept" });
  const before = server.log.length;
  await sendNow();
  await vi.waitFor(async () => expect((await row(report)).state).toBe("received"));
  expect(server.log.slice(before)).toEqual([
    `PUT /reports/${report.id}`,
    "HEAD /uploads/up-1",
    "PATCH /uploads/up-1",
    `PUT /reports/${report.id}`,
  ]);
  expect(server.received).toBe(600_000);
});

test("an upload that has expired is begun anew", async () => {
  const report = await aReport(1);
  await db.photos
    .where("report_id")
    .equals(report.id)
    .modify({ upload_url: "/api/v1/uploads/long-gone", sent: 150_000 });
  const [sent] = await send(report);
  expect(sent?.state).toBe("received");
  expect(server.log).toContain("HEAD /uploads/long-gone");
  expect(server.log).toContain("POST /uploads");
});

test("behind two machines by turns, an upload that one of them does not have is begun anew", async () => {
  const report = await aReport(1);
  server.cutAfter = 100_000;
  await send(report); // up-1, with what came of it on the machine that has it
  server.fault = (request, answer) =>
    request.method === "PATCH" ? server.problem(answer, 410, "gone") : false;
  const [sent] = await send(report);
  expect(sent?.state).toBe("received");
  const last = ["HEAD /uploads/up-1", "PATCH /uploads/up-1", "POST /uploads", `PUT /reports/${report.id}`];
  expect(server.log.slice(-4)).toEqual(last);
});

test("a report that the server refuses is explained and never blocks the next", async () => {
  const bad = await aReport(0);
  const good = await aReport(1);
  server.fault = (request, answer) =>
    request.url?.endsWith(bad.id)
      ? server.problem(answer, 422, "photo-missing", {
          errors: {
            "answers.0.photos": ["ELEV-A05: 须附照片 / needs a photo"],
            "answers.0.note": ["过长 / too long"],
          },
        })
      : false;
  const [refused, sent] = await send(bad, good);
  expect(refused).toMatchObject({ state: "refused", problem: { code: "photo-missing" } });
  expect(refused?.problem?.text).toMatch(
    /detail of photo-missing\nELEV-A05: (须附照片|needs a photo)\nELEV-C02: (过长|too long)$/,
  );
  expect(sent?.state).toBe("received");
});

test("a refused photo is marked, the others go, and the report says what to do", async () => {
  const report = await aReport(3);
  const first = (await photosOf(report))[0];
  server.fault = (request, answer) => {
    const meta = String(request.headers["upload-metadata"] ?? "");
    if (request.method !== "POST" || !meta.includes(btoa(first?.id ?? ""))) return false;
    server.refused.set(first?.id ?? "", "unsupported-media-type");
    return server.problem(answer, 415, "unsupported-media-type");
  };
  const [stuck] = await send(report);
  expect(stuck).toMatchObject({ state: "refused", photos_stored: 2, problem: { code: "photos-refused" } });
  const photos = await photosOf(report);
  expect(photos.map((photo) => photo.state)).toEqual(["refused", "stored", "stored"]);
  expect(photos[0]?.problem?.code).toBe("unsupported-media-type");
  expect(await db.originals.count()).toBe(3);
});

test("a page killed in the middle loses nothing and says nothing false", async () => {
  const report = await aReport(1);
  const [photo] = await photosOf(report);
  await db.outbox.put({ ...report, state: "sending" });
  await db.photos.update(photo?.id ?? "", { state: "sending", sent: 120_000 });
  wake();
  await vi.waitFor(async () => expect((await row(report)).state).toBe("received"));
  expect(server.photos.has(photo?.id ?? "")).toBe(true);
});

test("an ended sign-in pauses everything and loses nothing; signing in goes on by itself", async () => {
  const [one, two] = [await aReport(1), await aReport(0)];
  let ended = true;
  server.fault = (request, answer) =>
    ended &&
    server.problem(answer, 401, request.url?.includes("/auth/") ? "session-revoked" : "token-expired");
  await keepSession(session.value);
  const rows = await send(one, two);
  expect(holding.value).toBe("signIn");
  expect(rows.map((kept) => kept.state)).toEqual(["waiting", "waiting"]);
  expect(rows.map((kept) => kept.tries)).toEqual([0, 0]);
  expect(await db.originals.count()).toBe(1);
  expect(server.log.filter((line) => line.startsWith("PUT"))).toHaveLength(1);
  ended = false;
  if (session.value) session.value = { ...session.value, access_token: "new", ended: false };
  await nextTick();
  await vi.waitFor(async () => expect(await db.outbox.where("state").equals("received").count()).toBe(2));
});

test("Retry-After is obeyed, and 'now' does not wait for it", async () => {
  const report = await aReport(0);
  let away = true;
  server.fault = (_, answer) =>
    away && server.problem(answer, 503, "database-away", {}, { "Retry-After": "120" });
  const before = Date.now();
  const [waiting] = await send(report);
  expect(waiting).toMatchObject({ state: "waiting", problem: { code: "database-away" } });
  expect(waiting?.next_try_at).toBeGreaterThanOrEqual(before + 120_000);
  away = false;
  window.dispatchEvent(new Event("online"));
  await quiet();
  expect((await row(report)).state).toBe("waiting");
  await sendNow(report.id);
  await vi.waitFor(async () => expect((await row(report)).state).toBe("received"));
});

test("a page of somebody's Wi-Fi is neither a receipt nor a refusal", async () => {
  const [one, two] = [await aReport(0), await aReport(0)];
  const pages = [200, 404];
  server.fault = (_, answer) => {
    answer.writeHead(pages.shift() ?? 404, { "Content-Type": "text/html" }).end("<html>sign in</html>");
    return true;
  };
  const rows = await send(one, two);
  for (const kept of rows) expect(kept).toMatchObject({ state: "waiting", receipt: null });
});

test("a receipt for other words frees nothing", async () => {
  const report = await aReport(1);
  server.reports.set(report.id, {
    body: { ...report.body, summary: "other" },
    number: "N-9",
    received_at: null,
  });
  const [kept] = await send(report);
  expect(kept).toMatchObject({ state: "refused", receipt: null, problem: { code: "digest-differs" } });
  expect(await db.originals.count()).toBe(1);
});

test("on mobile data photos wait where it is set so, and 'now' overrides it", async () => {
  await db.kept.put({ key: "mobileData", value: "pause" });
  Object.assign(navigator, { connection: { type: "cellular" } });
  const report = await aReport(1);
  const [waiting] = await send(report);
  expect(waiting).toMatchObject({ state: "on_server", photos_stored: 0 });
  expect(holding.value).toBe("mobileData");
  await sendNow();
  await vi.waitFor(async () => expect((await row(report)).state).toBe("received"));
  Object.assign(navigator, { connection: undefined });
});

test("a newer revision queued during the sending of an older one is not overwritten by its receipt", async () => {
  const report = await aReport(0);
  server.fault = (request) => {
    if (request.method === "PUT")
      void db.outbox.put({ ...report, revision: 2, body: { ...report.body, revision: 2 } });
    server.fault = () => false;
    return false;
  };
  await send(report);
  expect(await row(report)).toMatchObject({ revision: 2, receipt: null });
});

test("what happened is written down, fifty lines at most", async () => {
  await send(await aReport(0));
  const found = await happenings();
  expect(found.map((line) => line.what)).toEqual(["queued", "received"]);
});

test("a token that runs out in the middle is renewed, and nobody is asked to sign in", async () => {
  const report = await aReport(1);
  await keepSession(session.value);
  let renewed = 0;
  server.fault = (request, answer) => {
    if (request.url?.endsWith("/auth/refresh")) {
      renewed++;
      answer.writeHead(200, { "Content-Type": "application/json" });
      answer.end(JSON.stringify({ access_token: "new", refresh_token: "r2" }));
      return true;
    }
    const old = request.headers.authorization !== "Bearer new";
    return request.method === "POST" && old && server.problem(answer, 401, "token-expired");
  };
  const [sent] = await send(report);
  expect([sent?.state, renewed, session.value?.access_token]).toEqual(["received", 1, "new"]);
});

test("a Wi-Fi's sign-in page that answers everything is no missing signal, and it goes on once that is gone", async () => {
  server.fault = (_, answer) => {
    answer.writeHead(200, { "Content-Type": "text/html" }).end("<h1>Hotel WiFi</h1>");
    return true;
  };
  const [held] = await send(await aReport(1));
  expect([held?.state, held?.problem?.code, holding.value]).toEqual(["waiting", "strange-answer", "strange"]);
  server.fault = () => false;
  window.dispatchEvent(new Event("online"));
  await vi.waitFor(async () => expect((await row(held as Outgoing)).state).toBe("received"));
});

test("bytes that changed on this phone are refused at once, on the way only at the second time", async () => {
  const [spoilt, unlucky] = [await aReport(1), await aReport(1)];
  const [broken] = await photosOf(spoilt);
  await db.originals.put({ id: broken?.id ?? "", blob: new Blob([new Uint8Array(broken?.size ?? 0)]) });
  server.fault = (request, answer) =>
    request.method === "POST" && server.problem(answer, 460, "checksum-mismatch");
  const [one, two] = await send(spoilt, unlucky);
  expect(one).toMatchObject({ state: "refused", problem: { code: "photos-refused" } });
  expect(two).toMatchObject({ state: "on_server", problem: { code: "checksum-mismatch" } });
  await sendNow();
  await vi.waitFor(async () => expect((await row(unlucky)).state).toBe("refused"));
  expect(server.log.filter((line) => line === "POST /uploads")).toHaveLength(3);
});

test("a report that always breaks the line lets the others pass", async () => {
  const [breaking, good] = [await aReport(0), await aReport(0)];
  server.fault = (request, answer) => {
    const breaks = request.url?.endsWith(breaking.id) ?? false;
    if (breaks) answer.socket?.destroy();
    return breaks;
  };
  const rows = await send(breaking, good);
  expect(rows[0]?.state).toBe("waiting");
  window.dispatchEvent(new Event("online"));
  await vi.waitFor(async () => expect((await row(good)).state).toBe("received"));
});

test("what failed is tried again by itself, each time after a longer wait", async () => {
  const report = await aReport(0);
  let failures = 3;
  server.fault = (_, answer) => failures-- > 0 && server.problem(answer, 500, "internal");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  await enqueue(async () => report);
  for (const [tries, seconds] of [
    [1, 2],
    [2, 4],
    [3, 8],
  ] as const) {
    await until(async () => expect(await row(report)).toMatchObject({ tries, state: "waiting" }));
    await until(async () => expect(busy.value).toBe(false));
    const wait = (await row(report)).next_try_at - Date.now();
    expect(wait).toBeGreaterThanOrEqual(seconds * 1000);
    expect(wait).toBeLessThanOrEqual(seconds * 2000); // no two phones wait alike
    vi.advanceTimersByTime(wait - 1);
    await until(async () => expect(server.log).toHaveLength(tries));
    vi.advanceTimersByTime(1);
  }
  await until(async () => expect((await row(report)).state).toBe("received"));
});

/** Waits by the one clock that is not faked. */
async function until(check: () => Promise<void>): Promise<void> {
  for (let turn = 0; ; turn++) {
    await new Promise((done) => setImmediate(done));
    const failed = await check().then(
      () => null,
      (error) => error,
    );
    if (!failed) return;
    if (turn > 3000) throw failed;
  }
}
