/** A small upright picture for lists. Null where this browser cannot decode the picture (HEIC, damaged). */
const LONGEST = 320;

/** Whether a worker of this browser can make one; else the page has to. */
export const canDrawHere = () =>
  typeof createImageBitmap === "function" && typeof OffscreenCanvas === "function";

export async function drawnHere(picture: Blob): Promise<Blob | null> {
  try {
    const bitmap = await createImageBitmap(picture, { imageOrientation: "from-image" });
    const { width, height } = fitting(bitmap.width, bitmap.height);
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, width, height);
    bitmap.close(); // 48 MB at twelve megapixels: not to wait for the collector
    return await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 });
  } catch {
    return null;
  }
}

/** The same on the page, for browsers whose workers cannot draw. */
export async function drawnOnPage(picture: Blob): Promise<Blob | null> {
  const address = URL.createObjectURL(picture);
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const { width, height } = fitting(image.naturalWidth, image.naturalHeight);
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    canvas.getContext("2d")?.drawImage(image, 0, 0, width, height);
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** The size with the same shape whose longer side is at most `longest`; never larger than it was. */
export function fitting(width: number, height: number, longest = LONGEST): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
