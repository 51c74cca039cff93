/** The kind of a picture by its first bytes: a phone's gallery often names none, or the wrong one. */
const BRANDS: Record<string, string> = {
  heic: "image/heic",
  heix: "image/heic",
  hevc: "image/heic",
  mif1: "image/heif",
  msf1: "image/heif",
  avif: "image/avif",
  avis: "image/avif",
};

export function mediaType(picture: ArrayBuffer, said: string): string {
  const head = String.fromCharCode(...new Uint8Array(picture, 0, Math.min(12, picture.byteLength)));
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("RIFF") && head.endsWith("WEBP")) return "image/webp";
  if (head.slice(4, 8) === "ftyp") return BRANDS[head.slice(8, 12)] ?? (said || "application/octet-stream");
  return said || "application/octet-stream";
}

/** Whether what was fetched is one: a Wi-Fi's sign-in page answers for pictures too, and would stand for one ever after. */
export const isPicture = (blob: Blob | null | undefined): blob is Blob =>
  blob != null && !blob.type.startsWith("text/");
