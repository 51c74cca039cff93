import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepSession, session } from "@/accounts/session";
import { limitsOf } from "@/checklists/limits";
import { type Checklist, CURSOR, type Draft, db, keep, recall } from "@/kit/db";
import { problem, type Reply, ScriptedServer } from "@/kit/testing/server";
import { pull, pullProblem } from "./pull";
import { pullSettings } from "./settings";

let server: ScriptedServer;
const unset: Reply = { status: 503, body: problem(503, "database-away") };
let settings: () => Reply;
let answers: (object | number | "no line")[] = [];

/** What the server answers, in this order; a number is a refusal of that status. */
function serve(...given: typeof answers): void {
  answers = given;
}

/** The cursors that were asked with, and what else was asked for but the settings. */
const asked = () =>
  server.asked
    .filter(({ path }) => !path.endsWith("/settings"))
    .map(({ path, query }) => (path.endsWith("/sync") ? query.get("cursor") : path));

beforeEach(async () => {
  await db.delete();
  await db.open();
  session.value = {
    access_token: "a",
    refresh_token: "r",
    ended: false,
    user: { id: "p", username: "u", name: "n", roles: [], districts: [] },
  };
  settings = () => unset;
  server = new ScriptedServer();
  server.script = ({ path }) => {
    if (path.endsWith("/settings")) return settings();
    const next = answers.shift() ?? "no line";
    if (next === "no line") return "cut";
    return typeof next === "number" ? { status: next, body: problem(next, "invalid") } : { body: next };
  };
  await server.start();
});
afterEach(() => server.stop());

const site = (id: string, name = id) => ({
  id,
  code: `C-${id}`,
  name,
  area: null,
  street: "Ｌｏｎｇ Street",
});
const list = (code: string, version: number) => ({ code, version, sections: [] }) as unknown as Checklist;
const page = (cursor: string, more: object) => ({
  cursor,
  full: false,
  more: false,
  sites: [],
  checklists: [],
  reports: [],
  issues: [],
  gone: [],
  ...more,
});
const draftBy = (code: string, version: number) =>
  ({ id: `${code}${version}`, site_id: "s", checklist: { code, version }, touched_at: "" }) as Draft;
const ids = async () => (await db.sites.toArray()).map(({ id }) => id);

test("pages are pulled until there are no more, each with its cursor", async () => {
  serve(
    page("1", { more: true, sites: [site("a")] }),
    page("2", { more: true, sites: [site("b")] }),
    page("3", {}),
  );
  await pull();
  expect(asked()).toEqual([null, "1", "2"]);
  expect(await ids()).toEqual(["a", "b"]);
  expect(await recall(CURSOR)).toBe("3");
  expect((await db.sites.get("a"))?.search).toBe("c-aalongstreet");
  expect(pullProblem.value).toBeNull();
});

test("a full answer replaces, but keeps what drafts are filled in by", async () => {
  await db.checklists.bulkPut([list("A", 1), list("B", 1)]);
  await db.drafts.add(draftBy("A", 1));
  serve(page("1", { full: true, sites: [site("a"), site("b")] }));
  await pull();
  serve(page("2", { full: true, sites: [site("b", "neu")], checklists: [list("A", 2)] }));
  await pull();
  expect(await ids()).toEqual(["b"]);
  expect((await db.sites.get("b"))?.name).toBe("neu");
  expect((await db.checklists.toArray()).map(({ code, version }) => `${code}${version}`)).toEqual([
    "A1",
    "A2",
  ]);
  expect(await db.drafts.count()).toBe(1);
});

test("what is gone is dropped, each from its own table", async () => {
  const issues = [
    { id: "x", state: "open" },
    { id: "a", state: "open" },
  ];
  serve(page("1", { sites: [site("a"), site("b")], issues }));
  await pull();
  serve(
    page("2", {
      gone: [
        { kind: "site", id: "a" },
        { kind: "issue", id: "x" },
      ],
    }),
  );
  await pull();
  expect(await ids()).toEqual(["b"]);
  expect((await db.issues.toArray()).map(({ id }) => id)).toEqual(["a"]);
});

test("killed between two pages, it goes on where it was", async () => {
  serve(page("1", { more: true, sites: [site("a")] }), "no line");
  await pull();
  expect(pullProblem.value).toBe("noLine");
  expect(await ids()).toEqual(["a"]);
  serve(page("2", { sites: [site("b")] }));
  await pull();
  expect(asked()).toEqual([null, "1", "1"]);
  expect(await ids()).toEqual(["a", "b"]);
});

test("a page that cannot be kept leaves no cursor behind", async () => {
  serve(page("1", { sites: [site("a")], issues: [{ state: "open" }] })); // no database keeps what has no key
  await pull();
  expect(await ids()).toEqual([]);
  expect(await recall(CURSOR)).toBeUndefined();
  expect(pullProblem.value).toEqual({ text: expect.stringContaining("DataError") });
});

test("a cursor that the server does not read is given up", async () => {
  serve(page("old", { sites: [site("a")] }));
  await pull();
  serve(422, page("new", { full: true, sites: [site("b")] }));
  await pull();
  expect(asked()).toEqual([null, "old", null]);
  expect(await ids()).toEqual(["b"]);
});

test("a server that says more and moves no further is not asked for ever", async () => {
  serve(page("1", { more: true }), page("1", { more: true }), page("1", { more: true }));
  await pull();
  expect(asked()).toEqual([null, "1"]);
});

test("the version that a draft is filled in by is fetched where a newer one took its place", async () => {
  await db.drafts.add(draftBy("A", 1));
  serve(page("1", { full: true, checklists: [list("A", 2)] }), list("A", 1));
  await pull();
  expect(asked()[1]).toBe("/api/v1/checklists/A/versions/1");
  expect(await db.checklists.count()).toBe(2);
});

test("a Wi-Fi's sign-in page is no answer, whatever it says, and nothing of it is kept", async () => {
  await keep(CURSOR, "1");
  await keepSession(session.value);
  for (const status of [200, 401, 422, 502]) {
    const headers = { "Content-Type": "text/html" };
    server.script = () => ({ status, headers, body: Buffer.from("<h1>Hotel WiFi</h1>") });
    await pull();
    expect([status, pullProblem.value]).toEqual([status, "strange"]);
  }
  expect(await recall(CURSOR)).toBe("1");
  expect(session.value?.ended).toBe(false);
});

test("two callers share one pull", async () => {
  serve(page("1", {}));
  await Promise.all([pull(), pull()]);
  expect(asked().length).toBe(1);
});

test("a site brings its limits, and what is filled in for it keeps them when the site is taken away", async () => {
  await db.drafts.add({ ...draftBy("A", 1), site_id: "a" });
  await db.checklists.put(list("A", 1));
  serve(page("1", { full: true, sites: [{ ...site("a"), limits: { "A-1": { max: 10 } } }, site("b")] }));
  await pull();
  expect(await limitsOf("a")).toEqual({ "A-1": { min: null, max: 10 } });
  expect(await limitsOf("b")).toEqual({});
  serve(page("2", { sites: [{ ...site("a"), limits: { "A-1": { max: 12 } } }] }));
  await pull();
  expect(await limitsOf("a")).toEqual({ "A-1": { min: null, max: 12 } });
  serve(page("3", { gone: [{ kind: "site", id: "a" }] }));
  await pull();
  expect(await limitsOf("a")).toEqual({ "A-1": { min: null, max: 12 } });
});

test("the map's settings are asked for once, and kept; without them the sync is no failure", async () => {
  serve(page("1", {}));
  await pull();
  expect(pullProblem.value).toBeNull();
  const map = { tiles_urls: ["https://t/{z}/{x}/{y}"], datum: "gcj02", attribution: "", max_zoom: 18 };
  let times = 0;
  settings = () => {
    times += 1;
    return { body: { map } };
  };
  await pullSettings();
  await pullSettings();
  expect(times).toBe(1);
  expect(await recall("map")).toEqual(map);
});
