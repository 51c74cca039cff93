/** How much is not on the server yet. Only receipts count as sent. */
import { computed, type Ref } from "vue";
import { db } from "@/kit/db";
import { useLive } from "@/kit/live";
import { useNow } from "@/kit/ticking";

export const LATE_MS = 4 * 3_600_000;

/** Reports that have no receipt. */
export function useUnsent(): Readonly<Ref<number>> {
  return useLive(() => db.outbox.where("state").notEqual("received").count(), 0);
}

/** How many of them have waited for four hours or longer. */
export function useLate(): Readonly<Ref<number>> {
  const queued = useLive(async () => {
    const rows = await db.outbox.where("state").notEqual("received").toArray();
    return rows.map((row) => row.queued_at);
  }, []);
  const clock = useNow();
  return computed(() => queued.value.filter((at) => isLate(at, clock.value)).length);
}

/** Also where the phone's clock was set back meanwhile, so that "queued in a year" is not on time for a year. */
export function isLate(queuedAt: string, now = Date.now()): boolean {
  return Math.abs(now - Date.parse(queuedAt)) >= LATE_MS;
}
