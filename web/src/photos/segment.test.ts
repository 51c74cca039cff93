import { readFileSync } from "node:fs";
import { parse } from "exifr/dist/lite.esm.mjs";
import { describe, expect, it } from "vitest";
import { exifSegment, upright, withSegment } from "./segment";

const JPEG = readFileSync(`${import.meta.dirname}/fixtures/exif.jpg`); // taken 2026-11-20 09:12:01 +08:00
const buffer = (bytes: Uint8Array) => new Uint8Array(bytes).buffer as ArrayBuffer;
const BARE = Uint8Array.from([0xff, 0xd8, 0xff, 0xdb, 0, 3, 0, 0xff, 0xda, 0, 2, 0xff, 0xd9]);

/** A segment with one entry: an orientation, in either order of bytes. */
function turned(little: boolean, kind = 3): Uint8Array {
  const bytes = new Uint8Array(10 + 8 + 2 + 12 + 4);
  bytes.set([0xff, 0xe1, 0, bytes.length - 2, 0x45, 0x78, 0x69, 0x66, 0, 0]);
  const tiff = new DataView(bytes.buffer, 10);
  tiff.setUint16(0, little ? 0x4949 : 0x4d4d);
  tiff.setUint16(2, 42, little);
  tiff.setUint32(4, 8, little);
  tiff.setUint16(8, 1, little);
  tiff.setUint16(10, 0x0112, little);
  tiff.setUint16(12, kind, little);
  tiff.setUint32(14, 1, little);
  if (kind === 3) tiff.setUint16(18, 6, little);
  else tiff.setUint32(18, 6, little);
  return bytes;
}

async function orientation(segment: Uint8Array): Promise<unknown> {
  const picture = await withSegment(new Blob([BARE], { type: "image/jpeg" }), segment).arrayBuffer();
  const asked = { ifd0: { pick: ["Orientation"] }, translateValues: false } as never;
  return (await parse(picture, asked))?.Orientation;
}

describe("what the camera wrote", () => {
  it("is carried to the letter into another picture", async () => {
    const segment = exifSegment(buffer(JPEG)) as Uint8Array;
    const made = Buffer.from(await withSegment(new Blob([BARE]), segment).arrayBuffer());
    expect(made.subarray(0, 4)).toEqual(Buffer.from([0xff, 0xd8, 0xff, 0xe1]));
    expect(made.includes(segment)).toBe(true);
    expect(made.subarray(segment.length + 2)).toEqual(Buffer.from(BARE.subarray(2)));
    const asked = { exif: { pick: ["DateTimeOriginal"] }, reviveValues: false } as never;
    expect((await parse(made, asked))?.DateTimeOriginal).toBe("2026:11:20 09:12:01");
  });

  it.each([
    [true, 3],
    [false, 3],
    [true, 4],
  ])("says upright, little end first: %s, as kind %s", async (little, kind) => {
    const segment = turned(little, kind);
    expect(await orientation(segment)).toBe(6);
    expect(await orientation(upright(segment))).toBe(1);
    expect(segment).toEqual(turned(little, kind));
  });

  it("is null where there is none, and damage is not carried on", () => {
    expect(exifSegment(buffer(BARE))).toBeNull();
    expect(() => exifSegment(buffer(JPEG.subarray(0, 20)))).toThrow(RangeError);
    expect(() => exifSegment(buffer(Buffer.from("\x89PNG\r\n\x1a\n")))).toThrow(RangeError);
    const broken = turned(true);
    broken[14] = 0xff; // the first directory far beyond the end
    expect(() => upright(broken)).toThrow(RangeError);
    expect(() => upright(turned(true).subarray(0, 12))).toThrow(RangeError);
  });
});
