/** Photos of an issue that is entered by hand: examined as they are chosen, sent by tus under the issue's id once it is there. */
import { v7 as newId } from "uuid";
import { freshSession, session } from "@/accounts/session";
import type { Photo } from "@/kit/db";
import type { components } from "@/kit/wire";
import { sendPhoto } from "@/outbox/upload";
import { examineAway } from "@/photos/away";

export interface Chosen {
  photo: Photo;
  bytes: Blob;
  name: string;
  picture: string | null; // an address of this page; null where this browser cannot show it
}

const LARGEST = 50 * 1024 * 1024; // what the server takes

/** Throws where the file cannot be read, is empty or too large. */
export async function choose(file: File, issueId: string): Promise<Chosen> {
  if (file.size === 0 || file.size > LARGEST) throw new RangeError(file.name);
  const facts = await examineAway(file, false);
  const photo: Photo = {
    id: newId(),
    report_id: issueId,
    item: null,
    here: true,
    thumb: null,
    sha256: facts.sha256,
    size: facts.size,
    media_type: facts.media_type,
    captured_at: facts.taken_at ?? "",
    source: "gallery",
    caption: "",
    position: null,
    state: "kept",
    sent: 0,
    upload_url: null,
    problem: null,
  };
  const picture = facts.thumb ? URL.createObjectURL(facts.thumb) : null;
  return { photo, bytes: facts.bytes, name: file.name, picture };
}

/** As the body names it; the same for every try, or it would be another issue under the same id. */
export function named({ photo }: Chosen): components["schemas"]["PhotoIn"] {
  const { id, sha256, size, media_type, captured_at, source } = photo;
  return {
    id,
    sha256,
    size,
    media_type,
    captured_at: captured_at || null,
    source,
  } as components["schemas"]["PhotoIn"];
}

export function forget(chosen: Chosen[]): void {
  for (const { picture } of chosen) if (picture) URL.revokeObjectURL(picture);
}

type Missing = { id?: string; upload?: string };

/** Sends what the server lacks, one after another. Throws the first that does not go; what went has gone. */
export async function sendMissing(
  chosen: Chosen[],
  missing: Missing[],
  signal: AbortSignal,
  sent: (count: number) => void,
): Promise<void> {
  const signer = {
    token: () => session.value?.access_token ?? null,
    renew: freshSession,
    hasEnded: () => session.value?.ended !== false,
  };
  const ledger = {
    amendPhoto: async (id: string, changes: Partial<Photo>) => {
      const one = chosen.find(({ photo }) => photo.id === id);
      if (one) Object.assign(one.photo, changes);
    },
    bytesOf: async (id: string) => chosen.find(({ photo }) => photo.id === id)?.bytes,
    progressed: () => undefined,
  };
  let count = chosen.length - missing.length;
  for (const { id, upload } of missing) {
    sent(count);
    const one = chosen.find(({ photo }) => photo.id === id);
    if (one) await sendPhoto(one.photo, upload ?? null, { signal, signer, ledger });
    count += 1;
  }
  sent(count);
}
