/** A phone sends in the name of who is signed in on it, from its own database. */
import { freshSession, isOwn, session } from "@/accounts/session";
import type { Queued } from "@/kit/db";
import { amend, amendPhoto, bytesOf, close, learn, photosNamed, progressed, writeDown } from "./ledger";
import { asRoomAllows } from "./storage";
import type { Ledger, Signer } from "./terms";

const signer: Signer = {
  token: () => (isOwn() ? (session.value?.access_token ?? null) : null),
  renew: async (stale) => isOwn() && (await freshSession(stale)),
  hasEnded: () => !isOwn() || session.value?.ended !== false,
};
const ledger: Ledger<Queued> = {
  amend: (row, changes) => asRoomAllows(amend(row, changes), false),
  amendPhoto: (id, changes) => asRoomAllows(amendPhoto(id, changes), undefined),
  bytesOf,
  close,
  learn: (row, issue, superseded) => asRoomAllows(learn(row, issue, superseded), undefined),
  photosNamed,
  progressed,
  writeDown: (row, answer) => asRoomAllows(writeDown(row, answer), undefined),
};

export const phone = { signer, ledger };
