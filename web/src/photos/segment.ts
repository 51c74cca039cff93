/** The part of a JPEG in which the camera says when, where and with what it was taken: carried over, never made up. */
const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0]; // "Exif", twice nothing
const ORIENTATION = 0x0112;
const SHORT = 3;

/** The whole segment with its marker, as it stands in the picture; null where there is none. Throws for no JPEG. */
export function exifSegment(jpeg: ArrayBuffer): Uint8Array | null {
  const view = new DataView(jpeg);
  if (view.getUint16(0) !== 0xffd8) throw new RangeError("no JPEG");
  for (let at = 2; ; ) {
    while (view.getUint8(at + 1) === 0xff) at += 1; // filling between segments
    const marker = view.getUint16(at);
    if (marker < 0xff01) throw new RangeError("no JPEG");
    if (marker === 0xffda || marker === 0xffd9) return null; // the picture itself begins
    const end = at + 2 + view.getUint16(at + 2);
    const bytes = new Uint8Array(jpeg, at, end - at);
    if (marker === 0xffe1 && EXIF.every((byte, index) => bytes[4 + index] === byte)) return bytes;
    at = end;
  }
}

/** A copy that says "stored upright", for a picture that was turned when it was drawn. Throws where it is damaged. */
export function upright(segment: Uint8Array): Uint8Array {
  const copy = segment.slice();
  const tiff = new DataView(copy.buffer, 4 + EXIF.length);
  const little = tiff.getUint16(0) === 0x4949;
  if (tiff.getUint16(2, little) !== 42) throw new RangeError("no TIFF");
  const first = tiff.getUint32(4, little);
  const entries = tiff.getUint16(first, little);
  for (let number = 0; number < entries; number += 1) {
    const entry = first + 2 + number * 12;
    if (tiff.getUint16(entry, little) !== ORIENTATION) continue;
    if (tiff.getUint16(entry + 2, little) === SHORT) tiff.setUint16(entry + 8, 1, little);
    else tiff.setUint32(entry + 8, 1, little);
  }
  return copy;
}

/** The picture with this segment first, as cameras write it. */
export function withSegment(jpeg: Blob, segment: Uint8Array | null): Blob {
  if (!segment) return jpeg;
  const parts = [jpeg.slice(0, 2), segment as Uint8Array<ArrayBuffer>, jpeg.slice(2)];
  return new Blob(parts, { type: jpeg.type });
}
