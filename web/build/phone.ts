/** Which files the phone's page may load, followed through the bundle, and how many bytes of them a phone may have to fetch. */
import { gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

type Bundle = Rolldown.OutputBundle;
type Entry = { url: string; size: number; revision: string | null };

/** What every phone fetches when it installs the pages. Raw bytes: what a phone keeps is not compressed. */
const MOST_KEPT = 700_000;
/** Scripts until the sign-in page shows, as they come over the line. */
const MOST_FIRST_GZIP = 150_000;
// The maps, the sheet to sign on with its library, and what is done about issues: fetched once the page runs, so that
// installing stays small.
const LATER = [
  "/src/moves/IssuePage.vue",
  "/src/moves/MovePage.vue",
  "/src/outbox/MoveCard.vue",
  "/src/photos/GhostCamera.vue",
  "/src/programme/SiteMap.vue",
  "/src/programme/SitesMap.vue",
  "/src/rectification/ListPage.vue",
  "/src/reports/FlagNotes.vue",
  "/src/reports/SignatureSheet.vue",
  "/src/verification/TasksPage.vue",
];
const NEVER = ["/src/photos/pieces.ts"]; // for pages without HTTPS, which have no service worker

const all = new Set<string>();
const atOnce = new Set<string>();

export const followPhone: Plugin = {
  name: "dudao-follow-phone",
  apply: "build",
  enforce: "post",
  generateBundle(_, bundle) {
    const entry = Object.keys(bundle).find((file) => isOf(bundle[file], ["/index.html"]));
    if (!entry) this.error("the phone's first page is not where it was: build/phone.ts");
    follow(bundle, entry, all, NEVER);
    follow(bundle, entry, atOnce, [...NEVER, ...LATER]);
    const first = new Set<string>();
    follow(bundle, entry, first, "static only"); // the sign-in page is in it
    const bytes = [...first].reduce((sum, file) => sum + gzipped(bundle[file]), 0);
    if (bytes > MOST_FIRST_GZIP)
      this.error(`the first screen needs ${bytes} bytes of scripts (gzip), more than ${MOST_FIRST_GZIP}`);
  },
};

/** The service worker's list: what it fetches at once, and with the revision "later" what it fetches in quiet. */
export function kept(files: Entry[]): { manifest: Entry[]; warnings: string[] } {
  const manifest = files
    .filter(({ url }) => !/^assets\/.*\.(js|css)$/.test(url) || all.has(url))
    .map((file) => (all.has(file.url) && !atOnce.has(file.url) ? { ...file, revision: "later" } : file))
    // The server knows the page by its address, not by its file's name.
    .map((file) => (file.url === "index.html" ? { ...file, url: "/" } : file));
  const bytes = manifest.reduce((sum, { revision, size }) => sum + (revision === "later" ? 0 : size), 0);
  if (bytes > MOST_KEPT)
    throw new Error(`the phone would keep ${bytes} bytes at once, more than ${MOST_KEPT}`);
  return { manifest, warnings: [] };
}

function follow(bundle: Bundle, file: string, into: Set<string>, without: string[] | "static only"): void {
  const chunk = bundle[file];
  if (into.has(file) || !chunk) return;
  if (without !== "static only" && isOf(chunk, without)) return;
  into.add(file);
  if (chunk.type !== "chunk") return;
  for (const next of chunk.imports) follow(bundle, next, into, without);
  if (without === "static only") return;
  const styles = (chunk as { viteMetadata?: { importedCss: Set<string> } }).viteMetadata?.importedCss ?? [];
  for (const next of [...chunk.dynamicImports, ...styles]) follow(bundle, next, into, without);
  // Workers are known by name only.
  for (const other of Object.keys(bundle))
    if (bundle[other]?.type === "asset" && chunk.code.includes(other.replace("assets/", "")))
      follow(bundle, other, into, without);
}

/** Whether a chunk was made for one of these files: names of chunks are not all different. */
function isOf(chunk: Bundle[string] | undefined, ends: string[]): boolean {
  return chunk?.type === "chunk" && ends.some((end) => chunk.facadeModuleId?.endsWith(end));
}

function gzipped(chunk: Bundle[string] | undefined): number {
  return chunk?.type === "chunk" ? gzipSync(chunk.code).length : 0;
}
