/** Templates of papers as the server keeps them: asked for, tried, put in, given up. */
import { useQuery } from "@tanstack/vue-query";
import { session } from "@/accounts/session";
import { api, patientFetch, RefusedError, refusal, told } from "@/kit/api";
import type { Whole } from "@/kit/db";
import { preferred } from "@/kit/i18n";
import type { components } from "@/kit/wire";

export type Template = Whole<components["schemas"]["TemplateOut"]>;
export type Version = Template["versions"][number];
export const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const MOST_BYTES = 5 * 1024 * 1024; // server/documents/templates.py MAX_BYTES
type Which = Pick<Template, "kind" | "lang">;

export const allTemplates = {
  queryKey: ["templates"],
  queryFn: async () => told(await api.GET("/api/v1/documents/templates")).items as Template[],
};

export const useTemplates = () => useQuery(allTemplates);

/** The newest that the office did to a template, as the server counts: 0 while it did nothing. */
export const newestOf = (template: Template) => template.versions[0]?.version ?? 0;

/** What a refused stale write says of who was quicker; null where it was refused for another reason. */
export function quicker(error: unknown): Pick<Version, "changed_at" | "changed_by" | "sha256"> | null {
  if (!(error instanceof RefusedError) || error.code !== "template-changed") return null;
  return error.said as unknown as Version;
}

/** The office's own version that is in use; null while the product's default is. */
export function inUse(template: Template): Version | null {
  return template.versions.find((one) => one.version === template.version) ?? null;
}

/** What is wrong with a file before it is sent: a key of the words, or "". */
export function unfit(file: Pick<File, "name" | "size">): "" | "notDocx" | "tooLarge" | "isEmpty" {
  if (!/\.docx$/i.test(file.name)) return "notDocx";
  if (file.size === 0) return "isEmpty";
  return file.size > MOST_BYTES ? "tooLarge" : "";
}

export function addressOf({ kind, lang }: Which, version?: number): string {
  const which = version === undefined ? "" : `&version=${version}`;
  return `/api/v1/documents/templates/${kind}?lang=${lang}${which}`;
}

/** A sample drawn with this file; without one, with the template in use. */
export function tryOut(which: Which, file?: Blob): Promise<Response> {
  return send("POST", `/api/v1/documents/templates/${which.kind}/preview?lang=${which.lang}`, file);
}

/** `seen`: the newest version that the person at the screen knows of; refused where there is a newer one. */
export async function putIn(which: Which, file: Blob, seen: number): Promise<Template> {
  return (await (await send("PUT", addressOf(which, seen), file)).json()) as Template;
}

export async function giveUp({ kind, lang }: Which, seen: number): Promise<void> {
  const params = { path: { kind }, query: { lang: lang as "zh" | "en", version: seen } };
  told(await api.DELETE("/api/v1/documents/templates/{kind}", { params }));
}

/** The file itself is the body, so openapi-fetch, which speaks JSON, has no part in it. */
async function send(method: "POST" | "PUT", address: string, file?: Blob): Promise<Response> {
  const headers = {
    Authorization: `Bearer ${session.value?.access_token}`,
    "Accept-Language": preferred() === "zh" ? "zh-CN" : "en",
    ...(file ? { "Content-Type": DOCX } : {}),
  };
  const answer = await patientFetch(new Request(address, { method, headers, body: file ?? null }));
  if (!answer.ok) throw refusal(await answer.json().catch(() => null), answer);
  return answer;
}
