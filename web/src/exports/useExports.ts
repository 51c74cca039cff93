/** One's own exports: asked for, looked at, fetched and taken away. */
import { useQueries } from "@tanstack/vue-query";
import { computed, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import { type Failure, useFailure } from "@/desk/failure";
import { usePages } from "@/desk/usePages";
import { api, patientFetch, RefusedError, refusal, told } from "@/kit/api";
import { serverAhead } from "@/kit/clock";
import type { Site, Whole } from "@/kit/db";
import { preferred } from "@/kit/i18n";
import type { components } from "@/kit/wire";
import { pause } from "./standing";

export type Export = Whole<components["schemas"]["ExportOut"]>;
export const KEY = ["exports"];

export function useExports() {
  return usePages<Export>({
    key: KEY,
    limit: 50,
    every: (rows) => pause(rows, Date.now() + (serverAhead.value ?? 0)),
    ask: async (page) => told(await api.GET("/api/v1/exports", { params: { query: page } })),
  });
}

export async function askFor(body: components["schemas"]["ExportIn"]): Promise<Export> {
  return told(await api.POST("/api/v1/exports", { body })) as Export;
}

export async function remove(id: string): Promise<void> {
  const answer = await api.DELETE("/api/v1/exports/{export_id}", { params: { path: { export_id: id } } });
  if (answer.response.status !== 404) told(answer); // gone is gone
}

/**
 * A fresh link to the file, for the browser to follow. It shows a refusal as a page of its own, so the server is asked
 * first whether the file is there.
 */
export async function linkOf(id: string): Promise<string> {
  const path = { export_id: id };
  const one = told(await api.GET("/api/v1/exports/{export_id}", { params: { path } })) as Export;
  const link = one.links.file;
  // what was ready and has failed meanwhile was withdrawn
  if (!link)
    throw one.state === "failed"
      ? new RefusedError(410, "export-withdrawn", "")
      : new RefusedError(404, "not-ready", "");
  const headers = { "Accept-Language": preferred() === "zh" ? "zh-CN" : "en" };
  const there = await patientFetch(new Request(link, { method: "HEAD", headers }));
  if (there.ok) return link;
  const answer = await patientFetch(new Request(link, { headers })); // the answer to HEAD says no reason
  if (answer.ok) return link;
  throw refusal(await answer.json().catch(() => null), answer);
}

/** The names of sites that exports are narrowed to. */
export function useSiteNames(ids: Ref<string[]>) {
  const found = useQueries({
    queries: computed(() =>
      ids.value.map((id) => ({
        queryKey: ["site", id],
        staleTime: 60_000,
        queryFn: async () =>
          told(await api.GET("/api/v1/sites/{site_id}", { params: { path: { site_id: id } } })) as Site,
      })),
    ),
  });
  const names = computed(
    () => new Map(found.value.flatMap(({ data }) => (data ? [[data.id, data.name]] : []))),
  );
  return (id: string) => names.value.get(id);
}

/** What went wrong, and for exports' own refusals what to do about just that. */
export function useExportFailure() {
  const { t } = useI18n();
  const say = useFailure();
  return (error: unknown): Failure => {
    if (!(error instanceof RefusedError)) return say(error);
    if (error.code === "too-many-exports")
      return { what: t("exports.tooMany", { n: error.said.most ?? "" }), todo: t("exports.tooManyTodo") };
    if (error.code === "export-lost") return { what: t("exports.lost"), todo: t("exports.lostTodo") };
    if (error.code === "export-withdrawn")
      return { what: t("exports.withdrawn"), todo: t("exports.withdrawnTodo") };
    if (error.code === "not-ready") return { what: t("exports.notReady"), todo: t("desk.todoWait") };
    if (error.code === "not-found") return { what: t("exports.gone"), todo: t("exports.goneTodo") };
    return say(error);
  };
}
