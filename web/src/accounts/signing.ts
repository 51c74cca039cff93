/** Signing in and out, and the first password; what went wrong comes back as a key of `words.ts`. */
import { api, NoLineError, RefusedError, told } from "@/kit/api";
import { owner } from "@/kit/db";
import { deviceId, deviceName } from "./device";
import { freshSession, keepSession, type Person, session } from "./session";

/** Why it did not work: a key of `accounts` words, with the numbers that it names. */
export interface Trouble {
  key: "wrong" | "wait" | "noLine" | "codeInvalid" | "weak" | "failed";
  values: Record<string, string | number>;
}

export async function signIn(username: string, password: string): Promise<Trouble | null> {
  try {
    const device = { id: deviceId(), name: deviceName() };
    const body = { username: username.trim(), password, device };
    const given = told(await api.POST("/api/v1/auth/login", { body }));
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
    told(await api.POST("/api/v1/auth/password", { body: { code: code.trim(), new_password: password } }));
    return null;
  } catch (error) {
    return trouble(error);
  }
}

/** The sign-in ends here at once, and on the server where there is a line. What is unsent stays for this person. */
export async function signOut(): Promise<void> {
  try {
    const { response } = await api.POST("/api/v1/auth/logout");
    // An access token lives for minutes only; with a fresh one the server can end the sign-in as well.
    const stale = session.value?.access_token ?? null;
    if (response.status === 401 && (await freshSession(stale))) await api.POST("/api/v1/auth/logout");
  } catch (error) {
    if (!(error instanceof NoLineError)) throw error;
  }
  await keepSession(null);
}

/** Whether this page was opened with another person's data, or nobody's, and must start anew. */
export function isOthersPage(): boolean {
  return session.value !== null && session.value.user.id !== owner;
}

function trouble(error: unknown): Trouble {
  if (error instanceof NoLineError) return { key: "noLine", values: {} };
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
