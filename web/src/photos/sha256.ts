/** SHA-256 in lower-case hexadecimal; also on a page without HTTPS, where the browser's own is not given. */
const PIECE = 1 << 20;

export async function sha256(bytes: ArrayBuffer): Promise<string> {
  if (globalThis.crypto?.subtle) return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  const { createSHA256 } = await import("./pieces");
  const hash = await createSHA256();
  for (let at = 0; at < bytes.byteLength; at += PIECE) {
    hash.update(new Uint8Array(bytes, at, Math.min(PIECE, bytes.byteLength - at)));
  }
  return hash.digest("hex");
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
