/** The first and the last visit to a site with one checklist, each with its photos: four requests, whatever lies between. */
import { useQuery } from "@tanstack/vue-query";
import { computed, type Ref } from "vue";
import type { Report, ReportRow } from "@/desk/types";
import { api, told } from "@/kit/api";
import type { Order } from "./order";
import { isVisit } from "./visits";

const FEW = 5; // so many may be void before one is not

export function useVisits(site: Ref<string>, checklist: Ref<string | null>) {
  const end = async (order: Order): Promise<Report | null> => {
    const query = { site: site.value, checklist: checklist.value as string, order, limit: FEW };
    const { items } = told(await api.GET("/api/v1/reports", { params: { query } })) as { items: ReportRow[] };
    const found = items.find(isVisit);
    if (!found) return null;
    return told(
      await api.GET("/api/v1/reports/{report_id}", { params: { path: { report_id: found.id } } }),
    ) as Report;
  };
  return useQuery({
    queryKey: ["visits", site, checklist],
    enabled: computed(() => checklist.value !== null),
    staleTime: 5 * 60_000, // each answer signs the photos' addresses anew
    refetchOnWindowFocus: false,
    queryFn: async () => {
      const [first, last] = await Promise.all([end("oldest"), end("newest")]);
      return first && last && first.id !== last.id ? { first, last } : null;
    },
  });
}
