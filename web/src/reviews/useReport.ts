/** One report with the checklist that it answered and the site that it is about. */
import { useQuery } from "@tanstack/vue-query";
import { computed, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import type { ChecklistShape, Report } from "@/desk/types";
import { api, told } from "@/kit/api";
import type { Site } from "@/kit/db";
import { sectionsOf, sitePhotos } from "./sections";

export function useReport(id: Ref<string>) {
  const { locale } = useI18n();
  const report = useQuery({
    queryKey: ["report", id],
    // Each answer signs the photos' addresses anew, and pictures would load again: asked when something changed.
    staleTime: 5 * 60_000,
    refetchOnWindowFocus: false,
    queryFn: async () =>
      told(
        await api.GET("/api/v1/reports/{report_id}", { params: { path: { report_id: id.value } } }),
      ) as Report,
  });
  const which = computed(() => report.data.value?.checklist);
  const checklist = useQuery({
    queryKey: ["checklist", which],
    enabled: computed(() => which.value !== undefined),
    staleTime: Number.POSITIVE_INFINITY, // a published version never changes
    queryFn: async () => {
      const { code, version } = which.value as Report["checklist"];
      const path = { code, version };
      return told(
        await api.GET("/api/v1/checklists/{code}/versions/{version}", { params: { path } }),
      ) as ChecklistShape;
    },
  });
  const siteId = computed(() => report.data.value?.site.id);
  const site = useQuery({
    queryKey: ["site", siteId],
    enabled: computed(() => siteId.value !== undefined),
    staleTime: 60_000,
    queryFn: async () =>
      told(
        await api.GET("/api/v1/sites/{site_id}", { params: { path: { site_id: siteId.value as string } } }),
      ) as Site,
  });
  const sections = computed(() =>
    report.data.value && checklist.data.value
      ? sectionsOf(report.data.value, checklist.data.value, locale.value)
      : [],
  );
  const others = computed(() => (report.data.value ? sitePhotos(report.data.value, sections.value) : []));
  return { report, checklist, site, sections, others };
}
