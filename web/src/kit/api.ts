/** The server as OpenAPI describes it. Signs each request, renews the sign-in when it has run out, speaks plainly of failures. */
import createClient, { type Middleware } from "openapi-fetch";
import { freshSession, session } from "@/accounts/session";
import { hearClock } from "./clock";
import { preferred } from "./i18n";
import type { paths } from "./wire";

/** An answer that is a refusal (RFC 9457). `code` is stable; `text` is for people, in their language; `said` is all of it. */
export class RefusedError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly text: string,
    readonly errors: Record<string, string[]> = {},
    readonly retryAfter: number | null = null,
    /** The whole answer: some refusals say more, such as where an issue stands now. */
    readonly said: Record<string, unknown> = {},
  ) {
    super(`${status} ${code}`);
    this.name = "RefusedError";
  }
}

/** No answer came: no signal, a cut line, a server that is away. */
export class NoLineError extends Error {
  constructor(cause: unknown) {
    super("no line", { cause });
    this.name = "NoLineError";
  }
}

/** What answered is not our server: the sign-in page of somebody's Wi-Fi, which may well say 200, or a proxy's own. */
export class StrangerError extends NoLineError {}

/** Whether something in between answered: it goes away, and says nothing of what was asked. */
export function isStrangers(error: unknown): boolean {
  if (error instanceof RefusedError) return error.code.startsWith("http-");
  return error instanceof StrangerError || error instanceof SyntaxError; // what should have been JSON
}

/** Whether nothing came, be it that the request was given up. */
export function isNoLine(error: unknown): boolean {
  return error instanceof NoLineError || (error instanceof DOMException && error.name === "AbortError");
}

const signed: Middleware = {
  async onRequest({ request }) {
    request.headers.set("Accept-Language", preferred() === "zh" ? "zh-CN" : "en");
    const token = session.value?.access_token;
    if (token && !request.headers.has("Authorization"))
      request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
  async onResponse({ response }) {
    hearClock(response);
    return undefined;
  },
};

/** Fetch that asks once more with a fresh token where the old one has run out. */
export async function patientFetch(request: Request): Promise<Response> {
  const again = request.clone();
  let answer = await plainFetch(request);
  const renewable = answer.status === 401 && session.value && !request.url.includes("/auth/");
  if (renewable && (await freshSession(bearer(request)))) {
    again.headers.set("Authorization", `Bearer ${session.value?.access_token}`);
    answer = await plainFetch(again);
  }
  return answer;
}

function bearer(request: Request): string | null {
  return request.headers.get("Authorization")?.replace("Bearer ", "") ?? null;
}

async function plainFetch(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    throw new NoLineError(error);
  }
}

export const api = createClient<paths>({ baseUrl: "/", fetch: patientFetch });
api.use(signed);

/** The body of an answer, or its refusal as an error. */
export function told<T>(result: { data?: T; error?: unknown; response: Response }): T {
  if (result.response.ok) return result.data as T;
  throw refusal(result.error, result.response);
}

/** What a refusing answer says; also where something between us and the server gave it. */
export function refusal(problem: unknown, response: Response): RefusedError {
  const said = (typeof problem === "object" && problem !== null ? problem : {}) as Record<string, unknown>;
  const wait = Number(response.headers.get("Retry-After"));
  return new RefusedError(
    response.status,
    typeof said.code === "string" ? said.code : `http-${response.status}`,
    String(said.detail ?? said.title ?? response.statusText),
    (said.errors as Record<string, string[]>) ?? {},
    Number.isFinite(wait) && wait > 0 ? wait : null,
    said,
  );
}
