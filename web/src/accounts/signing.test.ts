import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { device, keep, recall } from "@/kit/db";
import * as patience from "@/kit/patience";
import { problem, type Reply, ScriptedServer } from "@/kit/testing/server";
import type { components } from "@/kit/wire";
import { deviceId, deviceName } from "./device";
import { freshSession, keepSession, loadSession, type Session, session } from "./session";
import { isOthersPage, setPassword, signIn, signOut } from "./signing";

const user = (id: string) => ({ id, username: id, name: id, roles: ["inspector"], districts: ["140106"] });
const of = (id: string): Session => ({
  access_token: `${id}-1`,
  refresh_token: `${id}-r`,
  user: user(id),
  ended: false,
});
let server: ScriptedServer;

beforeEach(async () => {
  await device.kept.clear();
  session.value = null;
  server = new ScriptedServer();
  await server.start();
  localStorage.clear();
});
afterEach(() => server.stop());

/** What the server answers to who signs in. */
const tokens = (id: string) =>
  ({
    access_token: "a",
    refresh_token: "r",
    token_type: "Bearer",
    expires_in: 900,
    user: { ...user(id), organisation: null },
  }) satisfies components["schemas"]["TokensOut"];

test("who signs in is kept for the phone, with the phone's id told to the server", async () => {
  server.script = () => ({ body: tokens("li") });
  expect(await signIn(" li ", "p w")).toBeNull();
  expect(server.asked).toMatchObject([
    {
      method: "POST",
      path: "/api/v1/auth/login",
      body: { username: "li", password: "p w", device: { id: deviceId(), name: expect.any(String) } },
    },
  ]);
  session.value = null;
  await loadSession();
  expect(session.value).toMatchObject({ access_token: "a", user: { id: "li" }, ended: false });
  expect(localStorage.getItem("dudao.person")).toBe("li");
  // This page was opened with nobody's database.
  expect(isOthersPage()).toBe(true);
});

test("the phone keeps its id", () => {
  expect(deviceId()).toBe(deviceId());
});

test.each([
  [401, "credentials-wrong", {}, { key: "wrong", values: {} }],
  [429, "too-many-guesses", { "Retry-After": "290" }, { key: "wait", values: { minutes: 5 } }],
  [422, "password-weak", {}, { key: "weak", values: { text: "zu kurz" } }],
  [422, "code-invalid", {}, { key: "codeInvalid", values: {} }],
  [503, "database-away", {}, { key: "failed", values: { text: "zu kurz" } }],
])("%s %s is told plainly", async (status, code, headers, told) => {
  server.refuses(status, code, { detail: "zu kurz" }, headers);
  expect(await signIn("li", "x")).toEqual(told);
  expect(await setPassword("ABCD", "x")).toEqual(told);
  expect(session.value).toBeNull();
});

test("no line is no wrong password", async () => {
  await server.stop();
  expect((await signIn("li", "x"))?.key).toBe("noLine");
});

test("one signs out also without a line, and the phone stays with its person", async () => {
  await keepSession(of("li"));
  await server.stop();
  await signOut();
  expect(session.value).toBeNull();
  expect(await recall("session", device)).toBeNull();
  expect(localStorage.getItem("dudao.person")).toBe("li");
});

const portal: Reply = { body: Buffer.from("<h1>Hotel WiFi</h1>"), headers: { "Content-Type": "text/html" } };

test("a Wi-Fi's sign-in page is told as that, and keeps nobody from signing out", async () => {
  server.script = () => portal;
  expect(await signIn("li", "x")).toEqual({ key: "strange", values: {} });
  expect(await setPassword("ABCD", "x")).toEqual({ key: "strange", values: {} });
  server.script = () => ({ body: { welcome: "Hotel WiFi" } });
  expect(await signIn("li", "x")).toEqual({ key: "strange", values: {} });
  expect(session.value).toBeNull();
  await keepSession(of("li"));
  server.script = () => portal;
  await signOut();
  expect(session.value).toBeNull();
});

test("only our server ends a sign-in, not a proxy or a Wi-Fi's page that says 401 of itself", async () => {
  await keepSession(of("li"));
  for (const reply of [portal, { ...portal, status: 401 }, { ...portal, status: 502 }]) {
    server.script = () => reply;
    expect(await freshSession("li-1")).toBe(false);
    expect(session.value).toEqual(of("li"));
  }
  server.refuses(401, "session-revoked");
  expect(await freshSession("li-1")).toBe(false);
  expect(session.value?.ended).toBe(true);
});

test("a renewal whose answer never comes is given up, so that sending can go on", async () => {
  await keepSession(of("li"));
  vi.spyOn(patience, "within").mockImplementation(() => AbortSignal.timeout(50));
  server.script = () => "silence";
  expect(await freshSession("li-1")).toBe(false);
  expect(session.value).toEqual(of("li"));
  server.script = () => ({ body: tokens("li") });
  expect(await freshSession("li-1")).toBe(true);
  vi.restoreAllMocks();
});

test("signing out with a token that has run out ends the sign-in on the server as well", async () => {
  await keepSession(of("li"));
  server.script = ({ path, headers }) => {
    if (path.endsWith("/refresh")) return { body: tokens("li") };
    return headers.authorization === "Bearer a"
      ? { status: 204 }
      : { status: 401, body: problem(401, "token-expired") };
  };
  await signOut();
  expect(server.asked.map(({ path, headers }) => [path.split("/").pop(), headers.authorization])).toEqual([
    ["logout", "Bearer li-1"],
    ["refresh", "Bearer li-r"],
    ["logout", "Bearer a"],
  ]);
  expect(session.value).toBeNull();
});

test("a page never goes on in the name of who signed in in another tab", async () => {
  session.value = of("li");
  await keep("session", of("wang"), device);
  server.script = () => ({ body: tokens("wang") });
  expect(await freshSession("li-1")).toBe(false);
  expect(session.value?.user.id).toBe("li");
  expect(server.asked).toEqual([]);
});

test("a phone is named so that its owner knows it", () => {
  const chrome =
    "Mozilla/5.0 (Linux; Android 14; HUAWEI NOH-AN00) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36";
  expect(deviceName(chrome)).toBe("Android · HUAWEI NOH-AN00 · Chrome 126");
  const iphone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
  expect(deviceName(iphone)).toBe("iPhone · Safari 17");
  expect(deviceName("curl")).toBe("browser");
});
