/** For tests, and to be imported first: what happy-dom lacks of a browser. */
import "fake-indexeddb/auto";
import { Blob as NodeBlob } from "node:buffer";
import http, { type IncomingMessage } from "node:http";

/** As much of a browser's XMLHttpRequest as is used here, over node's own HTTP. */
class TestXhr {
  upload: { onprogress: ((event: { loaded: number }) => void) | null } = { onprogress: null };
  onload: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onabort: (() => void) | null = null;
  onloadend: (() => void) | null = null;
  status = 0;
  statusText = "";
  responseText = "";
  private headers: Record<string, string> = {};
  private request: http.ClientRequest | null = null;
  private answer: IncomingMessage | null = null;
  private method = "";
  private url = "";

  open(method: string, url: string): void {
    this.method = method;
    this.url = new URL(url, window.location.href).href;
  }

  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }

  getAllResponseHeaders(): string {
    return Object.entries(this.answer?.headers ?? {})
      .map(([name, value]) => `${name}: ${value}`)
      .join("\r\n");
  }

  abort(): void {
    this.request?.destroy();
    this.end(this.onabort);
  }

  async send(body: Blob | null): Promise<void> {
    const bytes = body ? Buffer.from(await body.arrayBuffer()) : null;
    const length = bytes ? { "Content-Length": bytes.length } : {};
    this.request = http.request(this.url, {
      method: this.method,
      headers: { ...this.headers, ...length },
      agent: false,
    });
    this.request.on("error", () => this.end(this.onerror));
    this.request.on("response", async (answer) => {
      this.answer = answer;
      this.status = answer.statusCode ?? 0;
      for await (const piece of answer) this.responseText += piece;
      this.end(this.onload);
    });
    for (let at = 0; bytes && at < bytes.length; at += 65_536) {
      this.request.write(bytes.subarray(at, at + 65_536));
      this.upload.onprogress?.({ loaded: Math.min(bytes.length, at + 65_536) });
    }
    this.request.end();
  }

  private end(how: (() => void) | null): void {
    if (!this.onloadend) return;
    const ended = this.onloadend;
    this.onloadend = null;
    how?.();
    ended();
  }
}

// happy-dom's Blob cannot be cloned into a database, its XMLHttpRequest does not send one.
Object.assign(globalThis, { Blob: NodeBlob, XMLHttpRequest: TestXhr });
