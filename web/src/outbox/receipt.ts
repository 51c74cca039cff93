/** What the server must have taken: the digest of the content that was sent, as its receipt names it. */
import type { Queued } from "@/kit/db";
import { sha256 } from "@/photos/sha256";

/** RFC 8785: JavaScript's own numbers and strings, keys sorted by UTF-16, nothing between. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((inner) => canonical(inner ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const known = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const sorted = known.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${sorted.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(",")}}`;
}

/** Content is the body without `device.sent_at`, which is new at every sending. */
export async function digestOf(body: Queued["body"]): Promise<string> {
  const { sent_at: _, ...device } = (body.device ?? {}) as { sent_at?: string };
  const content = body.device ? { ...body, device } : body;
  return sha256(new TextEncoder().encode(canonical(content)).buffer as ArrayBuffer);
}
