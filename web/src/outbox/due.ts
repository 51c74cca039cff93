/** What is to be tried, and when. */
import { db, type Queued } from "@/kit/db";
import { isDue } from "./backoff";
import { amend } from "./ledger";
import { LINE_CODES } from "./verdict";

/**
 * Least tried first, so that one which always breaks the line lets the others pass; then the oldest.
 * `photosWait`: where they have to, a report that the server has already is not due.
 */
export async function nextDue(photosWait: (row: Queued) => boolean): Promise<Queued | undefined> {
  const rows = await db.outbox.where("state").anyOf("waiting", "sending", "on_server").toArray();
  const due = rows.filter((row) => isDue(row.next_try_at) && !(row.state === "on_server" && photosWait(row)));
  due.sort((one, other) => one.tries - other.tries || (one.queued_at < other.queued_at ? -1 : 1));
  return due[0];
}

/** When the first of them is due; null where nothing waits. */
export async function earliest(): Promise<number | null> {
  // "sending" as well: where the database failed in the middle of a try, that is what is left of it.
  const rows = await db.outbox.where("state").anyOf("waiting", "sending", "on_server").toArray();
  return rows.length ? Math.min(...rows.map((row) => row.next_try_at)) : null;
}

/** Waits are dropped. One report that was refused is tried once more, with its photos; without `id`, all that wait. */
export async function retryAll(id?: string): Promise<void> {
  await db.transaction("rw", db.outbox, db.photos, async () => {
    const rows = id
      ? db.outbox.where("id").equals(id)
      : db.outbox.where("state").anyOf("waiting", "on_server");
    for (const row of await rows.toArray()) {
      if (row.state === "received") continue;
      const again = row.state === "refused" ? ({ state: "waiting" } as const) : {};
      await amend(row, { next_try_at: 0, tries: 0, ...again });
      const photos = db.photos.where("report_id").equals(row.id);
      if (id) await photos.and((photo) => photo.state === "refused").modify({ state: "kept" });
    }
  });
}

/** The line is back: what it broke is due now. What the server asked to wait for still waits. */
export async function retryCut(): Promise<void> {
  const waiting = db.outbox.where("state").anyOf("waiting", "on_server");
  await waiting
    .and((row) => LINE_CODES.some((code) => code === row.problem?.code))
    .modify({ next_try_at: 0 });
}
