import { useQuery } from "@tanstack/vue-query";
import { computed, type Ref } from "vue";
import type { Weekly } from "@/desk/types";
import { usePages } from "@/desk/usePages";
import { api, told } from "@/kit/api";
import type { Row } from "./cells";

const BEAT = 1500;
const underWay = (one: Weekly | undefined) => one?.state === "queued" || one?.state === "running";

/** The weekly reports; while one is being made, its progress is asked for. */
export function useWeeklies() {
  return usePages<Weekly>({
    key: ["weekly"],
    limit: 50,
    every: (rows) => (rows.some(underWay) ? BEAT : false),
    ask: async (page) => told(await api.GET("/api/v1/weekly-reports", { params: { query: page } })),
  });
}

interface Figures {
  week: {
    iso_year: number;
    iso_week: number;
    starts_on: string;
    ends_on: string;
    cutoff_at: string;
    is_over: boolean;
  };
  totals: Row;
  tables: Record<string, { rows: Row[]; total?: Row }>;
  definitions: {
    figures: Record<string, { name: Named; formula: Named; filled: boolean; why: Named | null }>;
  };
}

interface Named {
  zh: string;
  en: string;
}

export function useWeek(id: Ref<string>) {
  const path = computed(() => ({ weekly_id: id.value }));
  const weekly = useQuery({
    queryKey: ["weekly", id],
    refetchInterval: (query) => (underWay(query.state.data) ? BEAT : false),
    queryFn: async () =>
      told(await api.GET("/api/v1/weekly-reports/{weekly_id}", { params: { path: path.value } })) as Weekly,
  });
  const figures = useQuery({
    queryKey: ["weekly", id, computed(() => weekly.data.value?.figures_digest)],
    enabled: computed(() => !!weekly.data.value?.figures_digest),
    queryFn: async () =>
      told(
        await api.GET("/api/v1/weekly-reports/{weekly_id}/figures", { params: { path: path.value } }),
      ) as unknown as Figures,
  });
  return { weekly, figures };
}

export async function askFor(iso_year: number, iso_week: number, district: string | null): Promise<Weekly> {
  return told(await api.POST("/api/v1/weekly-reports", { body: { iso_year, iso_week, district } })) as Weekly;
}
