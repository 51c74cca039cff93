/** What a file holds, while this page holds it: reports, their photos, and how far each is. Nothing of it is stored here. */
import { markRaw } from "vue";
import type { Outgoing, Photo } from "@/kit/db";
import { type Opened, unpack } from "@/outbox/packed";
import type { Ledger } from "@/outbox/terms";

export interface Held {
  row: Outgoing;
  photos: Photo[];
  bytes: ReadonlyMap<string, Blob>; // pieces of the file, by the photos' ids
  damaged: boolean; // not whole in the file: it cannot be sent
}

/** One report of the file, as if it had never been tried: what a phone was refused may go through by now. */
export async function held(opened: Opened, row: Outgoing): Promise<Held> {
  const found = await unpack(opened, row).catch(() => null);
  const photos = (found ?? []).map(({ photo }): Photo => {
    const stored = photo.state === "stored";
    return {
      ...photo,
      thumb: null,
      state: stored ? "stored" : "kept",
      sent: stored ? photo.size : 0,
      problem: null,
    };
  });
  const pieces = (found ?? []).flatMap(({ photo, blob }) => (blob ? [[photo.id, blob] as const] : []));
  return {
    row: { ...row, state: "waiting", tries: 0, next_try_at: 0, problem: null },
    photos,
    bytes: markRaw(new Map(pieces)),
    damaged: found === null,
  };
}

export const isOpen = (one: Held) => !one.damaged && !["received", "refused"].includes(one.row.state);
export const sizeOf = (row: Outgoing) => row.body.photos.reduce((sum, photo) => sum + photo.size, 0);

/** Bytes of a report's photos that are on the server or on their way. */
export function sentOf({ row, photos }: Held): number {
  if (row.state === "received") return sizeOf(row);
  return photos.reduce((sum, photo) => sum + (photo.state === "stored" ? photo.size : photo.sent), 0);
}

export function ledgerOf(all: () => Held[]): Ledger {
  const find = (row: Outgoing) =>
    all().find((one) => one.row.id === row.id && one.row.revision === row.revision);
  const photo = (id: string) =>
    all()
      .flatMap((one) => one.photos)
      .find((one) => one.id === id);
  const amend = async (row: Outgoing, changes: Partial<Outgoing>) => {
    const mine = find(row);
    if (mine) Object.assign(mine.row, changes);
    return mine !== undefined;
  };
  const stored = (one: Photo) =>
    Object.assign(one, {
      state: "stored",
      sent: one.size,
      upload_url: null,
      problem: null,
    } satisfies Partial<Photo>);
  const named = (row: Outgoing) => {
    const ids = new Set(row.body.photos.map(({ id }) => id));
    return (find(row)?.photos ?? []).filter(({ id }) => ids.has(id));
  };
  return {
    amend,
    amendPhoto: async (id, changes) => void Object.assign(photo(id) ?? {}, changes),
    progressed: (id, sent) => {
      const one = photo(id);
      if (one?.state === "sending") one.sent = sent;
    },
    photosNamed: async (row) => named(row).map((one) => ({ ...one })),
    bytesOf: async (id) =>
      all()
        .find((one) => one.bytes.has(id))
        ?.bytes.get(id),
    writeDown: async (row, { photos }) => {
      const open = new Set([...photos.missing, ...photos.refused].map(({ id }) => id));
      const counts = { photos_expected: photos.expected, photos_stored: photos.received };
      await amend(row, { state: "on_server", problem: null, ...counts });
      for (const one of named(row)) if (!open.has(one.id)) stored(one);
    },
    close: async (row, receipt, photos) => {
      for (const one of named(row)) stored(one);
      const counts = { photos_expected: photos, photos_stored: photos };
      return amend(row, { state: "received", receipt, problem: null, ...counts });
    },
  };
}
