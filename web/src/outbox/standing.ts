/** Where something on its way stands, as a word of `words.ts` with its numbers. */
import type { Photo, Queued } from "@/kit/db";

export interface Standing {
  word: "atKept" | "atSending" | "atServer" | "atAllThere" | "atReceipt" | "atRefused";
  tone: "plain" | "busy" | "good" | "bad";
  values: { percent: number; missing: number; number: string };
}

export function standingOf(row: Queued, photos: Photo[]): Standing {
  const missing = Math.max(0, row.photos_expected - row.photos_stored);
  const values = { percent: percentOf(row, photos), missing, number: row.receipt?.number ?? "" };
  const moving = row.state === "sending" || photos.some((photo) => photo.state === "sending");
  if (row.state === "received") return { word: "atReceipt", tone: "good", values };
  if (row.state === "refused") return { word: "atRefused", tone: "bad", values };
  if (moving) return { word: "atSending", tone: "busy", values };
  if (row.state === "on_server") return { word: missing ? "atServer" : "atAllThere", tone: "busy", values };
  return { word: "atKept", tone: "plain", values };
}

/** Of the photos' bytes; the report itself is too small to count. */
export function percentOf(row: Queued, photos: Photo[]): number {
  const sending = row.body.photos ?? [];
  const total = sending.reduce((sum, photo) => sum + photo.size, 0);
  if (total === 0) return 0;
  const named = new Set(sending.map((photo) => photo.id));
  const here = photos.filter((photo) => named.has(photo.id));
  const sent = here.reduce((sum, photo) => sum + (photo.state === "stored" ? photo.size : photo.sent), 0);
  return Math.min(99, Math.floor((sent / total) * 100)); // a hundred is for the receipt to say
}

/** The word on one small picture. */
export function photoWord(photo: Photo): "pKept" | "pSending" | "pStored" | "pRefused" {
  return ({ kept: "pKept", sending: "pSending", stored: "pStored", refused: "pRefused" } as const)[
    photo.state
  ];
}
