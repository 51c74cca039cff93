/** For tests: a server that keeps the contract over real HTTP and can be made to fail; reports and photos for it. */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import "./testing.browser";
import { session } from "@/accounts/session";
import { db, type Outgoing, type Photo } from "@/kit/db";
import { LocalServer, problem } from "@/kit/testing/server";
import { canonical } from "./receipt";

interface Held {
  body: Outgoing["body"];
  number: string;
  received_at: string | null;
}
interface Upload {
  photo: string;
  sha256: string;
  length: number;
  bytes: Buffer;
}
type Fault = (request: IncomingMessage, answer: ServerResponse, body: Buffer) => boolean;

/** Reports, uploads and photos as the real server holds them, and every request that came. */
export class TestServer extends LocalServer {
  reports = new Map<string, Held>();
  uploads = new Map<string, Upload>();
  photos = new Map<string, Buffer>();
  refused = new Map<string, string>();
  log: string[] = [];
  received = 0; // bytes of pictures
  /** Looks at each request when it is whole; true where it has dealt with it itself. */
  fault: Fault = () => false;
  /** After so many bytes of a picture the line breaks, once. */
  cutAfter: number | null = null;

  problem(answer: ServerResponse, status: number, code: string, more: object = {}, headers = {}): true {
    answer.writeHead(status, { "Content-Type": "application/problem+json", ...headers });
    answer.end(JSON.stringify(problem(status, code, more)));
    return true;
  }

  protected async hear(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    let size = 0;
    const isPicture = request.headers["content-type"] === "application/offset+octet-stream";
    const meta = String(request.headers["upload-metadata"] ?? "");
    this.log.push(`${request.method} ${request.url?.replace("/api/v1", "")}`);
    const cut = isPicture ? this.cutAfter : null;
    for await (const piece of request) {
      pieces.push(piece);
      size += piece.length;
      if (cut !== null && size >= cut) {
        this.cutAfter = null;
        this.keep(request, meta, Buffer.concat(pieces).subarray(0, cut));
        request.socket.destroy();
        return;
      }
    }
    const body = Buffer.concat(pieces);
    if (isPicture) this.received += body.length;
    if (this.fault(request, answer, body)) return;
    this.answer(request, answer, meta, body);
  }

  private answer(request: IncomingMessage, answer: ServerResponse, meta: string, body: Buffer): void {
    const url = request.url ?? "";
    if (request.method === "PUT") {
      this.put(url.split("/").pop() ?? "", answer, JSON.parse(body.toString()));
      return;
    }
    if (request.method === "POST") {
      const id = this.keep(request, meta, body);
      const at = this.uploads.get(id);
      answer
        .writeHead(201, { Location: `/api/v1/uploads/${id}`, "Upload-Offset": String(at?.bytes.length) })
        .end();
      return;
    }
    const at = this.uploads.get(url.split("/").pop() ?? "");
    if (!at) {
      answer.writeHead(404).end();
      return;
    }
    if (request.method === "PATCH") {
      if (Number(request.headers["upload-offset"]) !== at.bytes.length) {
        this.problem(answer, 409, "upload-offset");
        return;
      }
      this.keep(request, meta, body);
    }
    answer
      .writeHead(request.method === "PATCH" ? 204 : 200, { "Upload-Offset": String(at.bytes.length) })
      .end();
  }

  /** Add bytes to an upload; whole and right, it is a photo. */
  private keep(request: IncomingMessage, meta: string, body: Buffer): string {
    const words = Object.fromEntries(meta.split(",").map((pair) => pair.split(" ")));
    const plain = (word: string) => Buffer.from(words[word] ?? "", "base64").toString();
    const id =
      request.method === "POST" ? `up-${this.uploads.size + 1}` : (request.url?.split("/").pop() ?? "");
    const at = this.uploads.get(id) ?? {
      photo: plain("photo"),
      sha256: plain("sha256"),
      length: Number(request.headers["upload-length"]),
      bytes: Buffer.alloc(0),
    };
    at.bytes = Buffer.concat([at.bytes, body]);
    this.uploads.set(id, at);
    const right = createHash("sha256").update(at.bytes).digest("hex") === at.sha256;
    if (at.bytes.length === at.length && right) this.photos.set(at.photo, at.bytes);
    return id;
  }

  private put(id: string, answer: ServerResponse, body: Outgoing["body"]): void {
    const held = this.reports.get(id) ?? { body, number: `N-${this.reports.size + 1}`, received_at: null };
    const fresh = !this.reports.has(id);
    this.reports.set(id, held);
    const missing = body.photos.filter((photo) => !this.photos.has(photo.id));
    const open = missing.filter((photo) => !this.refused.has(photo.id));
    if (!missing.length) held.received_at ??= new Date().toISOString();
    const uploadOf = (photo: string) => [...this.uploads].find(([, at]) => at.photo === photo)?.[0];
    const { sent_at: _, ...device } = held.body.device ?? {};
    const content = held.body.device ? { ...held.body, device } : held.body;
    answer.writeHead(fresh ? 201 : 200, { "Content-Type": "application/json" }).end(
      JSON.stringify({
        id,
        revision: held.body.revision,
        number: held.number,
        state: missing.length ? "incomplete" : "submitted",
        photos: {
          expected: body.photos.length,
          received: body.photos.length - missing.length,
          missing: open.map(({ id: photo, sha256 }) => ({
            id: photo,
            sha256,
            ...(uploadOf(photo) ? { upload: `/api/v1/uploads/${uploadOf(photo)}` } : {}),
          })),
          refused: [...this.refused]
            .filter(([photo]) => missing.some((one) => one.id === photo))
            .map(([photo, code]) => ({ id: photo, code })),
        },
        receipt: missing.length
          ? null
          : {
              number: `${held.number}-R1`,
              received_at: held.received_at,
              digest: createHash("sha256").update(canonical(content)).digest("hex"),
            },
      }),
    );
  }
}

export async function freshPhone(): Promise<void> {
  await Promise.all([
    db.outbox.clear(),
    db.photos.clear(),
    db.originals.clear(),
    db.drafts.clear(),
    db.kept.clear(),
  ]);
  const user = { id: "p-1", username: "inspector", name: "王督导", roles: ["inspector"], districts: [] };
  session.value = { access_token: "a.b.c", refresh_token: "r", user, ended: false };
}

let count = 0;

/** A photo of a report, kept in the database. */
async function aPhoto(report_id: string, size = 200_000): Promise<Photo> {
  count += 1;
  const bytes = Buffer.alloc(size, `picture ${count} `);
  const photo: Photo = {
    id: `00000000-0000-7000-8000-${String(count).padStart(12, "0")}`,
    report_id,
    item: "ELEV-A05",
    here: true,
    thumb: new Blob(["small"], { type: "image/jpeg" }),
    sha256: createHash("sha256").update(bytes).digest("hex"),
    size,
    media_type: "image/jpeg",
    captured_at: "2026-11-20T09:20:00+08:00",
    source: "camera",
    caption: "",
    position: null,
    state: "kept",
    sent: 0,
    upload_url: null,
    problem: null,
  };
  await db.photos.add(photo);
  await db.originals.add({ id: photo.id, blob: new Blob([bytes], { type: "image/jpeg" }) });
  return photo;
}

/** A finished report with so many photos, not queued yet. */
export async function aReport(photos: number, size?: number): Promise<Outgoing> {
  count += 1;
  const id = `00000000-0000-7000-9000-${String(count).padStart(12, "0")}`;
  const kept: Photo[] = [];
  for (let n = 0; n < photos; n++) kept.push(await aPhoto(id, size));
  return {
    id,
    revision: 1,
    site_name: `小区 ${count}`,
    checklist_code: "ELEV",
    queued_at: new Date(1_764_000_000_000 + count).toISOString(),
    state: "waiting",
    tries: 0,
    next_try_at: 0,
    problem: null,
    receipt: null,
    photos_expected: photos,
    photos_stored: 0,
    body: {
      revision: 1,
      site_id: "s-1",
      checklist: { code: "ELEV", version: 1 },
      visit: "routine",
      started_at: "2026-11-20T09:12:00+08:00",
      finished_at: "2026-11-20T09:58:10+08:00",
      device: { id: "d-1", sent_at: "2026-11-20T10:00:00+08:00" },
      location: null,
      location_reason: "地下室",
      outside_reason: null,
      correction_reason: null,
      co_inspectors: [],
      summary: '外墙，"开裂"',
      representative: null,
      answers: [
        { item: "ELEV-C02", value: 4.2, note: null, photos: kept.map((photo) => photo.id), issue: null },
      ],
      photos: kept.map(
        ({ id: photo, sha256, size: bytes, media_type, item, captured_at, source, caption }) => ({
          id: photo,
          sha256,
          size: bytes,
          media_type,
          item,
          captured_at,
          source,
          caption,
          location: null,
          original: null,
        }),
      ),
    },
  };
}
