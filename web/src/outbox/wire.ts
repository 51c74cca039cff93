/** Requests of the outbox: XMLHttpRequest tells how far a picture is, which fetch does not on most phones. */
import { NoLineError, refusal } from "@/kit/api";
import { preferred } from "@/kit/i18n";
import type { Signer } from "./terms";
import { isAboutToEnd } from "./token";

const STALLED_MS = 60_000;
const BODILESS = [204, 205, 304];

export interface Ask {
  method: "HEAD" | "POST" | "PATCH" | "PUT";
  url: string;
  headers?: Record<string, string>;
  body?: Blob;
  progress?: (bytes: number) => void;
  signer: Signer;
  signal: AbortSignal;
}

/** The answer, or what was refused as an error; a token that has run out is renewed once. */
export async function ask(request: Ask): Promise<Response> {
  // A refusal for an old token would come after the whole picture was sent for nothing.
  const { signer } = request;
  if (request.body && isAboutToEnd(signer.token())) await signer.renew(signer.token());
  const used = signer.token();
  let answer = await once(request, used);
  if (answer.status === 401 && (await signer.renew(used))) answer = await once(request, signer.token());
  if (answer.ok) return answer;
  throw refusal(await answer.json().catch(() => null), answer);
}

function once(request: Ask, bearer: string | null): Promise<Response> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const fail = (why: string) => reject(new NoLineError(why));
    const stop = () => xhr.abort();
    let stalled = setTimeout(stop, STALLED_MS);
    xhr.open(request.method, request.url);
    const headers = {
      "Tus-Resumable": "1.0.0",
      "Accept-Language": preferred() === "zh" ? "zh-CN" : "en",
      ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}),
      ...request.headers,
    };
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = ({ loaded }) => {
      clearTimeout(stalled);
      stalled = setTimeout(stop, STALLED_MS);
      request.progress?.(loaded);
    };
    xhr.onload = () => resolve(answered(xhr));
    xhr.onerror = () => fail("error");
    xhr.onabort = () => fail("aborted or stalled");
    xhr.onloadend = () => {
      clearTimeout(stalled);
      request.signal.removeEventListener("abort", stop);
    };
    request.signal.addEventListener("abort", stop);
    if (request.signal.aborted) fail("aborted");
    else xhr.send(request.body ?? null);
  });
}

function answered(xhr: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const line of xhr
    .getAllResponseHeaders()
    .trim()
    .split(/[\r\n]+/)) {
    const at = line.indexOf(":");
    if (at > 0) headers.append(line.slice(0, at), line.slice(at + 1).trim());
  }
  const body = BODILESS.includes(xhr.status) ? null : xhr.responseText;
  return new Response(body, { status: xhr.status, statusText: xhr.statusText, headers });
}
