/** The queue out as a file and in from one, so that what a broken phone holds can be sent from another. */
import { session } from "@/accounts/session";
import { db, isMove, isReport, type Queued } from "@/kit/db";
import { now } from "@/kit/time";
import { hurry } from "./engine";
import { note } from "./events";
import { FileError, open, pack, type Unpacked, unpack } from "./packed";

export interface Taken {
  taken: number;
  known: number; // were here already
  damaged: string[]; // names of sites whose report is not whole in the file
}

/** Everything that has no receipt yet, to the letter. */
export async function exportQueue(): Promise<Blob> {
  const rows = await db.outbox.where("state").notEqual("received").sortBy("queued_at");
  const kept = await db.photos
    .where("report_id")
    .anyOf(rows.map((row) => row.id))
    .toArray();
  const here = await db.originals.bulkGet(kept.map((photo) => photo.id));
  const originals = new Map(here.flatMap((one) => (one ? [[one.id, one.blob] as const] : [])));
  const user = session.value?.user;
  const person = user ? { id: user.id, name: user.name } : null;
  await note("exported", null, String(rows.length));
  const [reports, moves] = [rows.filter(isReport), rows.filter(isMove)];
  return pack({ made_at: now(), person, reports, moves }, kept, originals);
}

/** Put what a file holds into this outbox. What is here already stays as it is. */
export async function importQueue(file: Blob): Promise<Taken> {
  const opened = await open(file);
  const { person, reports, moves = [] } = opened.header;
  const rows: Queued[] = [...reports, ...moves];
  const user = session.value?.user;
  if (!user) throw new FileError("nobody");
  // The server takes whoever sends for the inspector: a colleague's reports may not go out in another name.
  if (person && person.id !== user.id) throw new FileError("otherPerson", person.name);
  const told: Taken = { taken: 0, known: 0, damaged: [] };
  for (const row of rows) {
    const photos = await unpack(opened, row);
    if (!photos) told.damaged.push(row.site_name);
    else if (await add(row, await Promise.all(photos.map(copied)))) told.taken += 1;
    else told.known += 1;
  }
  await note("imported", null, `${told.taken}/${rows.length}`);
  hurry();
  return told;
}

/** Pieces of a file are the file's, which may be gone tomorrow. */
async function copied({ photo, blob }: Unpacked): Promise<Unpacked> {
  const own = async (one: Blob | null) => one && new Blob([await one.arrayBuffer()], { type: one.type });
  return { photo: { ...photo, thumb: await own(photo.thumb) }, blob: await own(blob) };
}

async function add(row: Queued, photos: Unpacked[]): Promise<boolean> {
  return db.transaction("rw", [db.outbox, db.drafts, db.moves, db.photos, db.originals], async () => {
    // Also one that is being filled in again: what it said before must not go out beside it.
    const here = [await db.outbox.get(row.id), await db.drafts.get(row.id)];
    if (here.some((one) => one && one.revision >= row.revision)) return false;
    if (await db.moves.get(row.id)) return false;
    await db.outbox.put({
      ...row,
      state: row.state === "refused" ? "refused" : "waiting",
      tries: 0,
      next_try_at: 0,
    });
    for (const { photo, blob } of photos) {
      if ((await db.photos.get(photo.id))?.here) continue;
      await db.photos.put({ ...photo, state: photo.state === "sending" ? "kept" : photo.state });
      if (blob) await db.originals.put({ id: photo.id, blob });
    }
    return true;
  });
}
