/** On what terms something is sent: in whose name, and where it is written down. A phone's are in `phone.ts`. */
import type { Issue, Outgoing, Photo, Queued, Waiting } from "@/kit/db";
import type { Answer } from "./put";

/** Whose sign-in the requests carry. */
export interface Signer {
  token: () => string | null;
  /** A new token in place of one that was refused; false where that cannot be. */
  renew: (stale: string | null) => Promise<boolean>;
  /** Whether the server no longer knows the sign-in, or there is none. */
  hasEnded: () => boolean;
}

/** What is kept of what waits and its photos. Nothing here touches a row that a newer revision has replaced. */
export interface Ledger<Row extends Queued = Outgoing> {
  /** Change a row where it is still this revision; false where it is not. */
  amend: (row: Row, changes: Partial<Waiting>) => Promise<boolean>;
  amendPhoto: (id: string, changes: Partial<Photo>) => Promise<void>;
  /** So many bytes of a photo that is being sent are on their way. */
  progressed: (id: string, sent: number) => void;
  /** The photos that this revision names, and that are here. */
  photosNamed: (row: Row) => Promise<Photo[]>;
  bytesOf: (id: string) => Promise<Blob | undefined>;
  /** What the server says it has, photo by photo. */
  writeDown: (row: Row, answer: Answer) => Promise<void>;
  /** The receipt is here: the report is the server's now, and the copies of its photos may go. */
  close: (row: Row, receipt: NonNullable<Waiting["receipt"]>, photos: number) => Promise<boolean>;
  /** How an issue stands after what was done about it; `superseded`: that came too late to change anything. */
  learn?: (row: Row, issue: Issue, superseded: boolean) => Promise<void>;
}

export interface Terms<Row extends Queued = Outgoing> {
  signal: AbortSignal;
  signer: Signer;
  ledger: Ledger<Row>;
  /** Asked before each photo: on mobile data they may have to wait. */
  photosMayGo: () => Promise<boolean>;
}

/** What sending one photo asks of them, whatever it is a photo of. */
export interface PhotoTerms {
  signal: AbortSignal;
  signer: Signer;
  ledger: Pick<Ledger, "amendPhoto" | "bytesOf" | "progressed">;
}
