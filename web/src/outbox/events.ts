/** The last fifty things that happened to the outbox, for whoever has to find out why something is not sent. */
import { db, recall } from "@/kit/db";
import { now } from "@/kit/time";
import { asRoomAllows } from "./storage";

const KEPT = "outbox.events";
const MOST = 50;

export interface Happening {
  at: string;
  what: string; // a stable word, such as "queued" or "refused"
  report: string | null;
  code: string | null;
}

export async function note(
  what: string,
  report: string | null = null,
  code: string | null = null,
): Promise<void> {
  const writing = db.transaction("rw", db.kept, async () => {
    const before = ((await db.kept.get(KEPT))?.value ?? []) as Happening[];
    const value = [...before, { at: now(), what, report, code }].slice(-MOST);
    await db.kept.put({ key: KEPT, value });
  });
  await asRoomAllows(writing, undefined);
}

export async function happenings(): Promise<Happening[]> {
  return (await recall<Happening[]>(KEPT)) ?? [];
}
