/** A phone sends in the name of who is signed in on it, from its own database. */
import { freshSession, session } from "@/accounts/session";
import { amend, amendPhoto, bytesOf, close, photosNamed, progressed, writeDown } from "./ledger";
import type { Ledger, Signer } from "./terms";

const signer: Signer = {
  token: () => session.value?.access_token ?? null,
  renew: freshSession,
  hasEnded: () => session.value?.ended !== false,
};
const ledger: Ledger = { amend, amendPhoto, bytesOf, close, photosNamed, progressed, writeDown };

export const phone = { signer, ledger };
