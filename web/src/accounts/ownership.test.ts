import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { device, recall } from "@/kit/db";
import { freshSession, keepSession, mustStartAnew, type Session, session } from "./session";

const of = (id: string): Session => ({
  access_token: `${id}-1`,
  refresh_token: `${id}-r`,
  user: { id, username: id, name: id, roles: ["inspector"], districts: [] },
  ended: false,
});

beforeEach(async () => {
  await device.kept.clear();
  localStorage.clear();
  session.value = null;
});
afterEach(() => vi.unstubAllGlobals());

test.each([
  [401, {}],
  [200, { access_token: "li-2", refresh_token: "li-r2" }],
])("a renewal that answers %i late brings nobody back who signed out meanwhile", async (status, body) => {
  await keepSession(of("li"));
  vi.stubGlobal("fetch", async () => {
    await keepSession(null); // in another tab
    await keepSession(of("zhou"));
    return Response.json(body, { status });
  });
  expect(await freshSession("li-1")).toBe(false);
  expect(await recall("session", device)).toEqual(of("zhou"));
  expect(localStorage.getItem("dudao.person")).toBe("zhou");
});

test("a tab whose person signed out in another asks for a sign-in, and brings nobody back", async () => {
  session.value = of("li");
  expect(await freshSession("li-1")).toBe(false);
  expect(session.value).toEqual({ ...of("li"), ended: true });
  expect(await recall("session", device)).toBeUndefined();
});

test("a page that was killed as somebody signed in starts anew with that person's own data", async () => {
  expect(mustStartAnew()).toBe(false);
  session.value = of("li"); // whose name this page did not find when it loaded
  expect(mustStartAnew()).toBe(true);
  expect(localStorage.getItem("dudao.person")).toBe("li");
});
