import "@/outbox/testing.browser";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Draft, db, keep } from "@/kit/db";
import { noRoom } from "@/kit/testing/room";
import { examine } from "./examine";
import { moment } from "./exif";
import { mediaType } from "./media";
import { sha256 } from "./sha256";
import { SMALLER, takeIn } from "./take";
import { fitting } from "./thumb";

const JPEG = readFileSync(`${import.meta.dirname}/fixtures/exif.jpg`); // taken 2026-11-20 09:12:01 +08:00
const about = { report_id: "r", item: "ELEV-A05", source: "camera" as const, position: null };

function file(bytes: Uint8Array, type = "image/jpeg", lastModified = 0): File {
  return Object.assign(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }), {
    lastModified,
    name: "photo",
  }) as File;
}

/** The worker's own code, run here: node knows no workers of this kind. */
class PageWorker {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  async postMessage({ file, smaller }: { file: Blob; smaller: boolean }): Promise<void> {
    this.onmessage?.({ data: { facts: await examine(file, smaller) } });
  }
  terminate(): void {}
}

beforeEach(() => vi.stubGlobal("Worker", PageWorker));
beforeEach(() => Promise.all([db.photos.clear(), db.originals.clear(), db.drafts.put({ id: "r" } as Draft)]));
afterEach(() => {
  vi.unstubAllGlobals();
});

test("the original is kept to the letter with what it says of itself", async () => {
  const photo = await takeIn(file(JPEG), about);
  expect(photo).toMatchObject({
    ...about,
    sha256: createHash("sha256").update(JPEG).digest("hex"),
    size: JPEG.length,
    media_type: "image/jpeg",
    captured_at: "2026-11-20T09:12:01+08:00",
    state: "kept",
    here: true,
    sent: 0,
    caption: "",
  });
  const original = (await db.originals.get(photo.id))?.blob as Blob;
  expect(JPEG.equals(Buffer.from(await original.arrayBuffer()))).toBe(true);
});

test("where nothing can be drawn, the original is kept although a smaller one is wanted", async () => {
  await keep(SMALLER, true);
  const photo = await takeIn(file(JPEG), about);
  await keep(SMALLER, false);
  expect(photo).toMatchObject({ size: JPEG.length, made_from: null, marks: [] });
});

test("a damaged picture and one of a kind that cannot be shown are kept all the same", async () => {
  const damaged = await takeIn(file(JPEG.subarray(0, 200)), about);
  expect(damaged).toMatchObject({ size: 200, thumb: null, here: true });
  const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypheic"), Buffer.alloc(500, 7)]);
  expect(await takeIn(file(heic, ""), about)).toMatchObject({
    media_type: "image/heic",
    thumb: null,
    size: 512,
  });
});

test("a worker that dies is done without", async () => {
  class Dead extends PageWorker {
    onerror: (() => void) | null = null;
    override async postMessage(): Promise<void> {
      this.onerror?.();
    }
  }
  vi.stubGlobal("Worker", Dead);
  const photo = await takeIn(file(JPEG), about);
  expect(photo).toMatchObject({
    sha256: createHash("sha256").update(JPEG).digest("hex"),
    here: true,
  });
});

test("without a moment in the picture: now for the camera, the file's own for the gallery", async () => {
  const plain = Buffer.from("no exif in here at all");
  const before = Date.now();
  const shot = await takeIn(file(plain), about);
  expect(Date.parse(shot.captured_at)).toBeGreaterThanOrEqual(before);
  const picked = await takeIn(file(plain, "", Date.parse("2026-11-19T01:02:03Z")), {
    ...about,
    source: "gallery",
  });
  expect(picked.captured_at).toBe("2026-11-19T01:02:03.000Z");
});

test("a full phone says so and loses nothing else", async () => {
  const before = await takeIn(file(JPEG), about);
  const gone = noRoom(db.photos);
  await expect(takeIn(file(JPEG), about)).rejects.toMatchObject({ code: "full" });
  gone();
  expect(await db.photos.toCollection().primaryKeys()).toEqual([before.id]);
  expect(await db.originals.toCollection().primaryKeys()).toEqual([before.id]);
});

test("an empty file is refused, and the next one is taken", async () => {
  const [empty, good] = await Promise.allSettled([
    takeIn(file(Buffer.alloc(0)), about),
    takeIn(file(JPEG), about),
  ]);
  expect(empty).toMatchObject({ status: "rejected", reason: { code: "empty" } });
  expect(good.status).toBe("fulfilled");
});

test("the sum is the same without the browser's own", async () => {
  const bytes = Buffer.alloc(3_000_001, "piece");
  const expected = createHash("sha256").update(bytes).digest("hex");
  const exact = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  expect(await sha256(exact)).toBe(expected);
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  expect(await sha256(exact)).toBe(expected);
});

test("a moment needs its offset and has to be one", () => {
  expect(moment("2026:11:20 09:12:01", "+08:00")).toBe("2026-11-20T09:12:01+08:00");
  expect(moment("2026:11:20 09:12:01", undefined)).toBeNull();
  expect(moment("0000:00:00 00:00:00", "+08:00")).toBeNull();
  expect(moment("    :  :     :  :  ", "+08:00")).toBeNull();
});

test("kinds are told by content, sizes keep their shape", () => {
  expect(mediaType(new Uint8Array([0xff, 0xd8, 0xff, 0xe0]).buffer, "image/png")).toBe("image/jpeg");
  expect(mediaType(new ArrayBuffer(2), "")).toBe("application/octet-stream");
  expect(fitting(4000, 3000)).toEqual({ width: 320, height: 240 });
  expect(fitting(100, 20)).toEqual({ width: 100, height: 20 });
});
