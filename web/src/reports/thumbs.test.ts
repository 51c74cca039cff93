import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { db } from "@/kit/db";
import { problem, ScriptedServer } from "@/kit/testing/server";
import { draft, photo } from "./fixtures";
import { fetchThumbs } from "./thumbs";

const ID = draft().id;
let server: ScriptedServer;
const asked = () => server.asked.map(({ path }) => path);
const held = async (id: string) => Boolean((await db.photos.get(id))?.thumb);

beforeEach(async () => {
  await db.photos.clear();
  const away = { here: false, state: "stored" as const };
  await db.photos.bulkAdd([
    photo("p1", "T-A01", away),
    photo("p2", "T-A01", away),
    photo("p3", "T-A01"), // here, whole
    photo("p4", null, { ...away, thumb: new Blob(["small"]) }),
    photo("p5", null, { ...away, report_id: "another" }),
  ]);
  server = new ScriptedServer();
  await server.start();
});
afterEach(() => server.stop());

test("small pictures are fetched of photos that are neither here nor shown yet, and of this report alone", async () => {
  server.script = () => ({
    body: Buffer.from([0xff, 0xd8, 0xff]),
    headers: { "Content-Type": "image/jpeg" },
  });
  await fetchThumbs(ID);
  expect(asked()).toEqual(["/api/v1/photos/p1/thumb", "/api/v1/photos/p2/thumb"]);
  expect([await held("p1"), await held("p2"), await held("p3")]).toEqual([true, true, false]);
});

test("one that the server has not made yet does not keep the next from coming", async () => {
  server.script = ({ path }) =>
    path.includes("/p1/")
      ? { status: 404, body: problem(404, "rendition-pending"), headers: { "Retry-After": "2" } }
      : { body: Buffer.from([0xff, 0xd8, 0xff]) };
  await fetchThumbs(ID);
  expect([await held("p1"), await held("p2")]).toEqual([false, true]);
});

test("a Wi-Fi's sign-in page is not kept for a picture", async () => {
  const page = { body: "<h1>Hotel WiFi</h1>", headers: { "Content-Type": "text/html" } };
  server.script = () => page;
  await fetchThumbs(ID);
  expect(asked().length).toBe(2);
  expect([await held("p1"), await held("p2")]).toEqual([false, false]);
});

test("without a line there are none, and nothing is lost by it", async () => {
  await fetchThumbs(ID); // the line breaks off at the first
  expect(asked().length).toBe(1);
  await server.stop();
  await fetchThumbs(ID);
  expect(await db.photos.count()).toBe(5);
});
