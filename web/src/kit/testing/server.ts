/** For tests: servers that speak real HTTP on this machine, so that a page's own requests are what is tested. */
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A refusal as the real server words it (server/errors.py): `application/problem+json` after RFC 9457. */
export function problem(status: number, code: string, more: object = {}) {
  return { type: `/api/v1/docs#${code}`, title: code, status, detail: `detail of ${code}`, code, ...more };
}

/** Listens at an address of its own, which becomes the page's. Stopped, it is a line that leads nowhere. */
export abstract class LocalServer {
  private server = http.createServer((request, answer) => void this.hear(request, answer));

  protected abstract hear(request: IncomingMessage, answer: ServerResponse): Promise<void>;

  async start(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    const { port } = this.server.address() as AddressInfo;
    (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL(
      `http://127.0.0.1:${port}/`,
    );
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(() => done()));
  }
}

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: unknown;
}
/** What is answered: a body as JSON, or bytes as they are; "cut" is no answer, "silence" one that never comes. */
export type Reply = { status?: number; body?: unknown; headers?: Record<string, string> } | "cut" | "silence";

/** Answers as a test has scripted it, and remembers what was asked. Without a script it breaks the line off. */
export class ScriptedServer extends LocalServer {
  asked: Asked[] = [];
  script: (asked: Asked) => Reply = () => "cut";

  /** Refuse whatever is asked. */
  refuses(status: number, code: string, more: object = {}, headers: Record<string, string> = {}): void {
    this.script = () => ({ status, body: problem(status, code, more), headers });
  }

  protected async hear(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    let text = "";
    for await (const piece of request.setEncoding("utf8")) text += piece;
    const url = new URL(request.url ?? "", window.location.href);
    const asked = {
      method: request.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: text ? JSON.parse(text) : null,
    };
    this.asked.push(asked);
    const reply = this.script(asked);
    if (reply === "cut") {
      request.socket.destroy();
      return;
    }
    if (reply === "silence") return;
    const { status = 200, body, headers } = reply;
    if (body instanceof Uint8Array) {
      answer.writeHead(status, headers).end(body);
      return;
    }
    const type = status < 400 ? "application/json" : "application/problem+json";
    answer
      .writeHead(status, { "Content-Type": type, ...headers })
      .end(body === undefined ? undefined : JSON.stringify(body));
  }
}

const { setTimeout: realTimeout } = globalThis;

/** Wait for a condition by the real clock, also where a test has stopped the page's. */
export async function until(true_: () => boolean): Promise<void> {
  const deadline = performance.now() + 4000;
  while (!true_()) {
    if (performance.now() > deadline) throw new Error(`never came true: ${true_}`);
    await new Promise((done) => realTimeout(done, 5));
  }
}
