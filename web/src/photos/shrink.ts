/** A smaller copy of a photo, where the person wants that sent instead of the original. */
import { exifSegment, upright, withSegment } from "./segment";
import { fitting } from "./thumb";

const LONGEST = 2560;
const QUALITY = 0.85;

export interface Smaller {
  blob: Blob;
  width: number; // of the original, upright
  height: number;
}

/**
 * Null where the original has to go: not larger than that anyway, not to be decoded here, or no JPEG. What a HEIC or
 * PNG says of its moment and place could not be carried over, and that is worth more than its bytes.
 */
export async function shrunk(original: ArrayBuffer, mediaType: string): Promise<Smaller | null> {
  if (mediaType !== "image/jpeg") return null;
  try {
    const found = exifSegment(original);
    const segment = found && upright(found);
    const picture = new Blob([original], { type: mediaType });
    const bitmap = await createImageBitmap(picture, { imageOrientation: "from-image" });
    const { width, height } = bitmap;
    const size = fitting(width, height, LONGEST);
    if (size.width === width) {
      bitmap.close();
      return null;
    }
    const canvas = new OffscreenCanvas(size.width, size.height);
    const pen = canvas.getContext("2d");
    if (pen) pen.imageSmoothingQuality = "high";
    pen?.drawImage(bitmap, 0, 0, size.width, size.height);
    bitmap.close(); // 48 MB at twelve megapixels: not to wait for the collector
    const small = await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
    const blob = withSegment(small, segment);
    return pen && small.type === "image/jpeg" && blob.size < original.byteLength
      ? { blob, width, height }
      : null;
  } catch {
    return null;
  }
}
