import "@/outbox/testing.browser";
import { afterEach, beforeEach, expect, test } from "vitest";
import { session } from "@/accounts/session";
import { db, type Outgoing } from "@/kit/db";
import { exportQueue } from "@/outbox/file";
import { aReport, freshPhone, TestServer } from "@/outbox/testing";
import { useQueueFile } from "./useQueueFile";

let server: TestServer;
const verbs: string[] = [];
const DESK = {
  access_token: "desk.t.k",
  refresh_token: "desk",
  user: { id: "p-9", username: "supervisor", name: "赵审核", roles: ["supervisor"], districts: [] },
  ended: false,
};

/** Signs anybody in: the user name is the person's id. Other faults come after. */
function accounts(then: TestServer["fault"] = () => false): TestServer["fault"] {
  return (request, answer, body) => {
    const verb = request.url?.split("/auth/")[1];
    if (!verb) return then(request, answer, body);
    verbs.push(verb);
    if (verb === "logout") {
      answer.writeHead(204).end();
      return true;
    }
    const id = verb === "login" ? JSON.parse(body.toString()).username : "p-1";
    const user = { ...DESK.user, id, name: id === "p-1" ? "王督导" : "李督导" };
    answer.writeHead(200, { "Content-Type": "application/json" });
    answer.end(JSON.stringify({ access_token: "guest.t.k", refresh_token: "r", user }));
    return true;
  };
}

async function fileOf(...reports: Outgoing[]): Promise<File> {
  await db.outbox.bulkAdd(reports);
  const file = await exportQueue();
  await freshPhone();
  session.value = DESK;
  return Object.assign(file, { name: "dudao-outbox.dudao" }) as File;
}

async function until(true_: () => boolean): Promise<void> {
  while (!true_()) await new Promise((done) => setTimeout(done, 5));
}

beforeEach(async () => {
  await freshPhone();
  verbs.length = 0;
  server = new TestServer();
  server.fault = accounts();
  await server.start();
});
afterEach(() => server.stop());

test("every report of the file gets its receipt, and the desk's own sign-in stays what it was", async () => {
  const [one, two] = [await aReport(2), await aReport(0)];
  const page = useQueueFile();
  await page.choose(await fileOf(one, two));
  expect(page.about.value?.person.name).toBe("王督导");
  await page.signIn("p-1", "secret");
  await until(() => verbs.includes("logout"));
  expect(page.items.value.map(({ row }) => row.state)).toEqual(["received", "received"]);
  expect(page.items.value[0]?.row.receipt?.number).toMatch(/^N-\d-R1$/);
  expect(server.photos.size).toBe(2);
  expect([page.sent.value, page.total.value]).toEqual([400_000, 400_000]);
  expect(verbs).toEqual(["login", "logout"]);
  expect(session.value).toBe(DESK);
  expect([await db.outbox.count(), await db.originals.count()]).toEqual([0, 0]); // nothing is stored at the desk
});

test("again changes nothing: the same receipts, and no photo is sent twice", async () => {
  const file = await fileOf(await aReport(1));
  const numbers: (string | undefined)[] = [];
  for (let time = 0; time < 2; time++) {
    const page = useQueueFile();
    await page.choose(file);
    await page.signIn("p-1", "secret");
    await until(() => verbs.filter((verb) => verb === "logout").length > time);
    numbers.push(page.items.value[0]?.row.receipt?.number);
  }
  expect(numbers[0]).toBe(numbers[1]);
  expect(server.received).toBe(200_000);
});

test("another person's sign-in is refused and ended, and nothing is sent", async () => {
  const page = useQueueFile();
  await page.choose(await fileOf(await aReport(1)));
  await expect(page.signIn("p-2", "secret")).rejects.toMatchObject({ code: "otherPerson", whose: "李督导" });
  expect(page.guest.value).toBeNull();
  expect(verbs).toEqual(["login", "logout"]);
  expect(server.reports.size).toBe(0);
});

test("one that is cut and one that the server refuses do not hold up the rest", async () => {
  const [refused, fine, cut] = [await aReport(0), await aReport(1), await aReport(1)];
  const whole = await fileOf(refused, fine, cut);
  const page = useQueueFile();
  await page.choose(Object.assign(whole.slice(0, whole.size - 100), { name: "cut" }) as File);
  server.fault = accounts((request, answer) =>
    request.url?.endsWith(refused.id) ? server.problem(answer, 422, "invalid") : false,
  );
  await page.signIn("p-1", "secret");
  await until(() => page.guest.value !== null && !page.sending.value);
  expect(page.items.value.map(({ row, damaged }) => [row.state, damaged])).toEqual([
    ["refused", false],
    ["received", false],
    ["waiting", true],
  ]);
  expect(page.items.value[0]?.row.problem?.code).toBe("invalid");

  server.fault = accounts(); // mended
  page.again();
  await until(() => !page.sending.value);
  expect(page.received.value).toBe(2);
  expect([...server.reports.keys()]).not.toContain(cut.id);
});

test("many that the server puts off do not keep the last one from its turn", async () => {
  const reports = await Promise.all(Array.from({ length: 6 }, () => aReport(0)));
  const page = useQueueFile();
  await page.choose(await fileOf(...reports));
  const last = reports[5] as Outgoing;
  server.fault = accounts((request, answer) =>
    request.method === "PUT" && !request.url?.endsWith(last.id) ? server.problem(answer, 503, "busy") : false,
  );
  await page.signIn("p-1", "secret");
  await until(() => page.received.value === 1);
  expect(page.items.value[5]?.row.state).toBe("received");
  await page.leave();
  await until(() => !page.sending.value);
});

test("a sign-in that the server ends is asked for again, and the rest goes on", async () => {
  const page = useQueueFile();
  await page.choose(await fileOf(await aReport(1)));
  const gone: TestServer["fault"] = (_, answer) => server.problem(answer, 401, "session-revoked");
  const signingIn = accounts();
  server.fault = (request, answer, body) =>
    request.url?.endsWith("/login") ? signingIn(request, answer, body) : gone(request, answer, body);
  await page.signIn("p-1", "secret");
  await until(() => page.expired.value);
  expect([page.guest.value, page.items.value[0]?.row.state]).toEqual([null, "waiting"]);
  server.fault = accounts();
  await page.signIn("p-1", "secret");
  await until(() => verbs.includes("logout"));
  expect([page.received.value, page.expired.value]).toEqual([1, false]);
});

test("a line that breaks in the middle of a photo goes on where it broke", async () => {
  const page = useQueueFile();
  await page.choose(await fileOf(await aReport(1)));
  server.cutAfter = 100_000;
  await page.signIn("p-1", "secret");
  await until(() => page.paused.value);
  dispatchEvent(new Event("online")); // no need to wait for the pause to end
  await until(() => verbs.includes("logout"));
  expect(page.received.value).toBe(1);
  expect(server.log.filter((line) => line.startsWith("PATCH"))).toHaveLength(1);
});

test("a file that does not say whose it is, and one that is none, are not taken", async () => {
  const page = useQueueFile();
  await db.outbox.add(await aReport(0));
  session.value = null;
  const nobodys = await exportQueue();
  await expect(page.choose(nobodys as File)).rejects.toMatchObject({ code: "nobody" });
  await expect(page.choose(new Blob(["%PDF"]) as File)).rejects.toMatchObject({ code: "notOurs" });
  expect(page.about.value).toBeNull();
});
