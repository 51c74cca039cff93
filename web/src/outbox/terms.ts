/** On what terms a report is sent: in whose name, and where it is written down. A phone's are in `phone.ts`. */
import type { Outgoing, Photo } from "@/kit/db";
import type { Answer } from "./put";

/** Whose sign-in the requests carry. */
export interface Signer {
  token: () => string | null;
  /** A new token in place of one that was refused; false where that cannot be. */
  renew: (stale: string | null) => Promise<boolean>;
  /** Whether the server no longer knows the sign-in, or there is none. */
  hasEnded: () => boolean;
}

/** What is kept of reports and their photos. Nothing here touches a row that a newer revision has replaced. */
export interface Ledger {
  /** Change a row where it is still this revision; false where it is not. */
  amend: (row: Outgoing, changes: Partial<Outgoing>) => Promise<boolean>;
  amendPhoto: (id: string, changes: Partial<Photo>) => Promise<void>;
  /** So many bytes of a photo that is being sent are on their way. */
  progressed: (id: string, sent: number) => void;
  /** The photos that this revision names, and that are here. */
  photosNamed: (row: Outgoing) => Promise<Photo[]>;
  bytesOf: (id: string) => Promise<Blob | undefined>;
  /** What the server says it has, photo by photo. */
  writeDown: (row: Outgoing, answer: Answer) => Promise<void>;
  /** The receipt is here: the report is the server's now, and the copies of its photos may go. */
  close: (row: Outgoing, receipt: NonNullable<Outgoing["receipt"]>, photos: number) => Promise<boolean>;
}

export interface Terms {
  signal: AbortSignal;
  signer: Signer;
  ledger: Ledger;
  /** Asked before each photo: on mobile data they may have to wait. */
  photosMayGo: () => Promise<boolean>;
}
