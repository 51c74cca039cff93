/** Pictures of issues, fetched while there is a line so that they are there without one: small, and large to lay over. */
import { session } from "@/accounts/session";
import { api } from "@/kit/api";
import { db, type Issue } from "@/kit/db";
import { photosWait } from "@/outbox/mobile";
import { asRoomAllows } from "@/outbox/storage";
import { isPicture } from "@/photos/media";

const MOST_SMALL = 600;
const MOST_LARGE = 150; // some 250 KB each
const MINE = new Set(["acknowledge", "reply", "pass", "holds"]);

export type Size = "thumb" | "preview";

/** The picture from this phone, else from the server; null where there is neither. */
export async function pictureOf(id: string, size: Size): Promise<Blob | null> {
  const own = size === "preview" ? (await db.originals.get(id))?.blob : (await db.photos.get(id))?.thumb;
  const kept = own ?? (await db.pictures.get(id))?.[size];
  if (isPicture(kept)) return kept;
  const found = await fetched(id, size).catch(() => null);
  if (found) return found;
  const small = (await db.pictures.get(id))?.thumb;
  return isPicture(small) ? small : null;
}

async function fetched(id: string, size: Size): Promise<Blob | null> {
  const params = { path: { photo_id: id } };
  const { data } = await api.GET(`/api/v1/photos/{photo_id}/${size}`, { params, parseAs: "blob" });
  const picture = isPicture(data as unknown as Blob) ? (data as unknown as Blob) : null;
  if (picture) await asRoomAllows(put(id, size, picture), undefined);
  return picture;
}

async function put(id: string, size: Size, picture: Blob): Promise<void> {
  await db.transaction("rw", db.pictures, async () => {
    const there = (await db.pictures.get(id)) ?? { id, thumb: null, preview: null };
    await db.pictures.put({ ...there, [size]: picture });
  });
}

let running = false;

/** After a sync: fetch what is missing for what this person has to do, the most urgent first; drop what nobody needs. */
export async function fetchPictures(): Promise<void> {
  if (running || !session.value) return;
  running = true;
  try {
    const issues = await db.issues.toArray();
    const named = new Set(issues.flatMap(picturesOf));
    await db.pictures.bulkDelete(
      (await db.pictures.toCollection().primaryKeys()).filter((id) => !named.has(id)),
    );
    const mine = issues.filter(({ moves }) => moves.some((move) => MINE.has(move)));
    mine.sort((one, other) => one.due_on.localeCompare(other.due_on));
    await fetchAll(mine.flatMap(picturesOf).slice(0, MOST_SMALL), "thumb");
    if (await photosWait()) return; // as for photos on their way: not over mobile data
    await fetchAll(
      mine.flatMap(({ photos }) => photos.before.map(({ id }) => id)).slice(0, MOST_LARGE),
      "preview",
    );
  } catch {
    // No line, or no room: what is here has to do.
  } finally {
    running = false;
  }
}

const picturesOf = ({ photos }: Issue) => [...photos.before, ...photos.after].map(({ id }) => id);

async function fetchAll(ids: string[], size: Size): Promise<void> {
  const kept = await db.pictures.bulkGet(ids);
  for (const [at, id] of ids.entries()) {
    if (!isPicture(kept[at]?.[size])) await fetched(id, size);
  }
}
