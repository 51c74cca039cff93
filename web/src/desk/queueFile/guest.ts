/** An inspector's sign-in for one file: held by this page and kept nowhere, beside the desk's own, which it never touches. */
import type { Person } from "@/accounts/session";
import { deskDevice } from "@/desk/signing";
import { NoLineError, refusal } from "@/kit/api";
import { preferred } from "@/kit/i18n";
import type { Signer } from "@/outbox/terms";

interface Pair {
  access_token: string;
  refresh_token: string;
}

export interface Guest {
  person: Person;
  signer: Signer;
  /** Also while the page goes away. Nothing is kept here in any case. */
  signOut: () => Promise<void>;
}

export async function signInGuest(username: string, password: string): Promise<Guest> {
  const body = JSON.stringify({ username, password, device: deskDevice() });
  const { user, ...given } = (await post("login", { body })) as Pair & { user: Person };
  let pair: Pair | null = given;

  async function renew(stale: string | null): Promise<boolean> {
    if (!pair) return false;
    if (stale !== null && pair.access_token !== stale) return true;
    try {
      pair = (await post("refresh", { bearer: pair.refresh_token })) as Pair;
      return true;
    } catch (error) {
      if (!(error instanceof NoLineError)) pair = null;
      return false;
    }
  }

  async function signOut(): Promise<void> {
    const last = pair;
    if (!last) return;
    const end = (bearer: string) => post("logout", { bearer, keepalive: true });
    await end(last.access_token).catch(async () => {
      // An access token lives for minutes only; with a fresh one the server can end the sign-in as well.
      if ((await renew(last.access_token)) && pair) await end(pair.access_token).catch(() => null);
    });
    pair = null;
  }

  const signer = { token: () => pair?.access_token ?? null, renew, hasEnded: () => pair === null };
  return { person: user, signer, signOut };
}

interface Post {
  bearer?: string;
  body?: string;
  keepalive?: boolean;
}

async function post(verb: string, { bearer, ...init }: Post): Promise<unknown> {
  const answer = await fetch(`/api/v1/auth/${verb}`, {
    method: "POST",
    headers: {
      "Accept-Language": preferred() === "zh" ? "zh-CN" : "en",
      ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}),
      ...(init.body ? { "Content-Type": "application/json" } : {}),
    },
    ...init,
  }).catch((error) => {
    throw new NoLineError(error);
  });
  const said = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (!answer.ok) throw refusal(said, answer);
  return said;
}
