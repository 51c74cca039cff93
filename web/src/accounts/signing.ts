/** Signing in and out, and the first password; what went wrong comes back as a key of `words.ts`. */
import { api, isNoLine, isStrangers, RefusedError, StrangerError, told } from "@/kit/api";
import { owner } from "@/kit/db";
import { within } from "@/kit/patience";
import { deviceId, deviceName } from "./device";
import { freshSession, keepSession, type Person, session } from "./session";

const PATIENCE_MS = 60_000;
const GOODBYE_MS = 15_000; // nobody waits longer to be let go

/** Why it did not work: a key of `accounts` words, with the numbers that it names. */
export interface Trouble {
  key: "wrong" | "wait" | "noLine" | "strange" | "codeInvalid" | "weak" | "failed";
  values: Record<string, string | number>;
}

export async function signIn(username: string, password: string): Promise<Trouble | null> {
  try {
    const device = { id: deviceId(), name: deviceName() };
    const body = { username: username.trim(), password, device };
    const given = told(await api.POST("/api/v1/auth/login", { body, signal: within(PATIENCE_MS) }));
    if (!given.user?.id) throw new StrangerError("not our server");
    await keepSession({
      access_token: given.access_token ?? "",
      refresh_token: given.refresh_token ?? "",
      user: given.user as Person,
      ended: false,
    });
    return null;
  } catch (error) {
    return trouble(error);
  }
}

/** Set a first or new password with the one-time code that the administrator gave. */
export async function setPassword(code: string, password: string): Promise<Trouble | null> {
  try {
    const body = { code: code.trim(), new_password: password };
    told(await api.POST("/api/v1/auth/password", { body, signal: within(PATIENCE_MS) }));
    return null;
  } catch (error) {
    return trouble(error);
  }
}

/** The sign-in ends here whatever the line says, and on the server where there is one. What is unsent stays for this person. */
export async function signOut(): Promise<void> {
  try {
    const { response } = await api.POST("/api/v1/auth/logout", { signal: within(GOODBYE_MS) });
    // An access token lives for minutes only; with a fresh one the server can end the sign-in as well.
    const stale = session.value?.access_token ?? null;
    if (response.status === 401 && (await freshSession(stale)))
      await api.POST("/api/v1/auth/logout", { signal: within(GOODBYE_MS) });
  } catch (error) {
    console.warn("signed out here only", error); // no line, or a Wi-Fi's sign-in page in place of the server
  }
  await keepSession(null);
}

/** Whether this page was opened with another person's data, or nobody's, and must start anew. */
export function isOthersPage(): boolean {
  return session.value !== null && session.value.user.id !== owner;
}

function trouble(error: unknown): Trouble {
  if (isStrangers(error)) return { key: "strange", values: {} };
  if (isNoLine(error)) return { key: "noLine", values: {} };
  if (!(error instanceof RefusedError)) return { key: "failed", values: { text: String(error) } };
  switch (error.code) {
    case "credentials-wrong":
      return { key: "wrong", values: {} };
    case "too-many-guesses":
      return { key: "wait", values: { minutes: Math.max(1, Math.ceil((error.retryAfter ?? 60) / 60)) } };
    case "code-invalid":
      return { key: "codeInvalid", values: {} };
    case "password-weak":
      // The server begins with the name of the field, which nobody here knows.
      return { key: "weak", values: { text: error.text.replace(/^\w+:\s*/, "") } };
    default:
      return { key: "failed", values: { text: error.text } };
  }
}
