/** Who is signed in on this device. Kept in the database, so it outlives the page and a month without signal. */
import { shallowRef } from "vue";
import { belongTo, device, keep, owner, recall } from "@/kit/db";
import { within } from "@/kit/patience";

export interface Person {
  id: string;
  username: string;
  name: string;
  roles: string[];
  districts: string[];
}

export interface Session {
  access_token: string;
  refresh_token: string;
  user: Person;
  /** The server no longer knows this sign-in: everything stays, and the person signs in again to go on sending. */
  ended: boolean;
}

const KEPT = "session";
// Sending waits for it, so it may not wait for ever; asked again within 30 s, the server gives the lost answer once more.
const PATIENCE_MS = 20_000;
export const session = shallowRef<Session | null>(null);

export async function loadSession(): Promise<void> {
  session.value = (await recall<Session>(KEPT, device)) ?? null;
}

export async function keepSession(value: Session | null): Promise<void> {
  if (value) belongTo(value.user.id);
  session.value = value;
  await keep(KEPT, value, device);
}

/**
 * Whether who is signed in is the person whose data this page works with. Between another's sign-in and the page's start
 * anew it is not, and nothing of this page may go out in that name.
 */
export function isOwn(): boolean {
  return owner === null || session.value?.user.id === owner;
}

/** Whether a page that has just loaded works with another's data, or nobody's: it was killed as somebody signed in. */
export function mustStartAnew(): boolean {
  if (!session.value || session.value.user.id === owner) return false;
  belongTo(session.value.user.id);
  return true;
}

/**
 * Get a new pair of tokens; false where that cannot be. One tab at a time: a refresh token used twice looks stolen.
 * `stale` is the token that was refused: if another tab has a newer one by now, that is it.
 */
export async function freshSession(stale: string | null): Promise<boolean> {
  return exclusively("dudao-refresh", async () => {
    const kept = await recall<Session>(KEPT, device);
    if (!kept) {
      // Signed out in another tab: this one would call it a missing line, and wait for it.
      if (session.value) session.value = { ...session.value, ended: true };
      return false;
    }
    // Another person signed in in another tab: nothing of this page may go out in their name.
    if (session.value && session.value.user.id !== kept.user.id) return false;
    if (stale && kept.access_token !== stale) {
      session.value = kept;
      return !kept.ended;
    }
    const { status, said } = await renewed(kept.refresh_token);
    const { access_token, refresh_token, code } = said;
    const pair = status === 200 && access_token && refresh_token ? { access_token, refresh_token } : null;
    // Whoever signed out, or in, while the answer was on its way stays so.
    if ((await recall<Session>(KEPT, device))?.refresh_token !== kept.refresh_token) return false;
    if (pair) {
      await keepSession({ ...kept, ...pair, ended: false });
      return true;
    }
    // Without our code a proxy or a Wi-Fi's sign-in page said it, which knows nothing of this sign-in.
    if (status === 401 && code) await keepSession({ ...kept, ended: true });
    return false;
  });
}

type Said = Partial<Record<"access_token" | "refresh_token" | "code", string>>;

async function renewed(refreshToken: string): Promise<{ status: number; said: Said }> {
  try {
    const answer = await fetch("/api/v1/auth/refresh", {
      method: "POST",
      headers: { Authorization: `Bearer ${refreshToken}` },
      signal: within(PATIENCE_MS),
    });
    return { status: answer.status, said: ((await answer.json()) ?? {}) as Said };
  } catch {
    return { status: 0, said: {} }; // no line, or an answer that is not the server's
  }
}

/** Run `work` in one tab at a time. */
export async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (!navigator.locks) return work();
  return navigator.locks.request(name, work) as Promise<T>;
}
