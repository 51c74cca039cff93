import "./testing.browser";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Session } from "@/accounts/session";
import type { Outgoing } from "@/kit/db";
import type { TestServer } from "./testing";

// Whose page it is, is read as it starts.
localStorage.setItem("dudao.person", "p-1");
const { session } = await import("@/accounts/session");
const { db } = await import("@/kit/db");
const { busy, holding, startSending, wake } = await import("./engine");
const testing = await import("./testing");

let server: TestServer;
startSending();

beforeEach(async () => {
  await testing.freshPhone();
  server = new testing.TestServer();
  await server.start();
});
afterEach(async () => {
  await quiet();
  await server.stop();
});

const quiet = () => vi.waitFor(() => expect(busy.value).toBe(false), { timeout: 5000, interval: 5 });
const row = async ({ id }: Outgoing) => (await db.outbox.get(id)) as Outgoing;

function another(): Session {
  const user = { id: "p-2", username: "zhou", name: "周督导", roles: ["inspector"], districts: [] };
  return { access_token: "b.b.b", refresh_token: "r2", user, ended: false };
}

test("in the moment before the page starts anew, nothing goes out in the name of who signed in next", async () => {
  session.value = null;
  const report = await testing.aReport(1);
  await db.outbox.add(report);
  session.value = another(); // as the sign-in page does; the reload takes a while
  await new Promise((done) => setTimeout(done, 50));
  await quiet();
  expect(server.log).toEqual([]);
  expect((await row(report)).state).toBe("waiting");
  expect(holding.value).toBe("signIn");
});

test("a try that is under way does not go on in the next person's name", async () => {
  const report = await testing.aReport(2);
  await db.outbox.add(report);
  const names: (string | undefined)[] = [];
  server.fault = (request, answer) => {
    if (!request.headers.authorization) return server.problem(answer, 401, "token-missing");
    names.push(request.headers.authorization);
    if (request.method === "POST") session.value = another();
    return false;
  };
  wake();
  await vi.waitFor(() => expect(names.length).toBeGreaterThan(1));
  await quiet();
  expect(names).not.toContain("Bearer b.b.b");
  expect((await row(report)).receipt).toBeNull();
});
