/** What a picture says of the moment it was taken. */
import { parse } from "exifr/dist/lite.esm.mjs";

const ASKED = {
  ifd0: { pick: [] },
  exif: { pick: ["DateTimeOriginal", "OffsetTimeOriginal"] },
  gps: false,
  reviveValues: false, // a Date would be in this phone's own zone, which the camera's need not be
};

/** DateTimeOriginal as RFC 3339; null where the picture does not say it with its offset, or cannot be read. */
export async function takenAt(picture: ArrayBuffer): Promise<string | null> {
  try {
    const found = await parse(picture, ASKED as never);
    return moment(found?.DateTimeOriginal, found?.OffsetTimeOriginal);
  } catch {
    return null; // damaged, or no picture at all: it is kept all the same
  }
}

export function moment(time: unknown, offset: unknown): string | null {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/.exec(String(time ?? ""));
  const zone = /^([+-]\d\d:\d\d|Z)$/.exec(String(offset ?? "").trim());
  if (!parts || !zone) return null;
  const said = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}${zone[1]}`;
  return Number.isNaN(Date.parse(said)) ? null : said;
}
