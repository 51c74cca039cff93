import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { device, keep, recall } from "@/kit/db";
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
let sent: { path: string; body: unknown }[] = [];

function serve(status: number, body: object, headers: Record<string, string> = {}): void {
  vi.stubGlobal("fetch", async (asked: Request | string) => {
    const request = typeof asked === "string" ? null : asked;
    const path = request ? new URL(request.url).pathname : String(asked);
    sent.push({ path, body: request?.body ? await request.clone().json() : null });
    return status === 204 ? new Response(null, { status }) : Response.json(body, { status, headers });
  });
}

beforeEach(async () => {
  await device.kept.clear();
  localStorage.clear();
  session.value = null;
  sent = [];
});
afterEach(() => vi.unstubAllGlobals());

test("who signs in is kept for the phone, with the phone's id told to the server", async () => {
  serve(200, { access_token: "a", refresh_token: "r", user: user("li") });
  expect(await signIn(" li ", "p w")).toBeNull();
  expect(sent[0]?.body).toEqual({
    username: "li",
    password: "p w",
    device: { id: deviceId(), name: expect.any(String) },
  });
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
  serve(status, { code, detail: "zu kurz" }, headers);
  expect(await signIn("li", "x")).toEqual(told);
  expect(await setPassword("ABCD", "x")).toEqual(told);
  expect(session.value).toBeNull();
});

test("no line is no wrong password", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  expect((await signIn("li", "x"))?.key).toBe("noLine");
});

test("one signs out also without a line, and the phone stays with its person", async () => {
  await keepSession(of("li"));
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  await signOut();
  expect(session.value).toBeNull();
  expect(await recall("session", device)).toBeNull();
  expect(localStorage.getItem("dudao.person")).toBe("li");
});

test("a page never goes on in the name of who signed in in another tab", async () => {
  session.value = of("li");
  await keep("session", of("wang"), device);
  serve(200, { access_token: "x", refresh_token: "y" });
  expect(await freshSession("li-1")).toBe(false);
  expect(session.value?.user.id).toBe("li");
  expect(sent).toEqual([]);
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
