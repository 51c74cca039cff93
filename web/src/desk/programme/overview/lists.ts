/** The programme's overviews as the server tells them. */
import { useQuery } from "@tanstack/vue-query";
import type { Ref } from "vue";
import { computed } from "vue";
import type { Filters } from "@/desk/filters";
import { usePages } from "@/desk/usePages";
import { api, told } from "@/kit/api";
import type { Whole } from "@/kit/db";
import type { components, operations } from "@/kit/wire";

type Schemas = components["schemas"];
type Query<Name extends keyof operations> = operations[Name] extends { parameters: { query?: infer Q } }
  ? NonNullable<Q>
  : never;

export type MatrixRow = Whole<Schemas["MatrixRowOut"]> & { id: string };
export type MatrixItem = MatrixRow["items"][number];
export type UnvisitedRow = Whole<Schemas["UnvisitedRowOut"]> & { id: string };
export type ScheduleRow = Whole<Schemas["ScheduleRowOut"]> & { id: string };
export type Schedule = Whole<Schemas["ScheduleOut"]>;
export type Standing = Whole<Schemas["StandingOut"]>;
type Matrix = Whole<Schemas["Matrix"]>;
type Unvisited = Whole<Schemas["UnvisitedOut"]>;
type Schedules = Whole<Schemas["SchedulesOut"]>;

export const MATRIX_FILTERS = ["q", "district", "area", "stage", "work_type", "awaiting"] as const;
export const UNVISITED_FILTERS = ["district", "days"] as const;
export const SCHEDULE_FILTERS = ["q", "district", "stage", "late"] as const;
export const LATE = ["any", "start_overdue", "started_late", "running_late", "finished_late"] as const;

/** A row of these lists is known by its site. */
const named = <T extends { site: { id: string } }>(page: { items: T[] }) => ({
  ...page,
  items: page.items.map((row) => ({ ...row, id: row.site.id })),
});

export function useMatrix(filters: Ref<Filters>) {
  return usePages<MatrixRow>({
    key: ["matrix", filters],
    limit: 50,
    ask: async (page) => {
      const query = { ...filters.value, ...page } as Query<"overview_get_matrix">;
      return named(told(await api.GET("/api/v1/programme/matrix", { params: { query } })) as Matrix);
    },
  });
}

export function useUnvisited(filters: Ref<Filters>) {
  const { list, rows } = usePages<UnvisitedRow>({
    key: ["unvisited", filters],
    limit: 50,
    ask: async (page) => {
      const query = { ...filters.value, ...page } as Query<"overview_get_list_unvisited">;
      return named(told(await api.GET("/api/v1/programme/unvisited", { params: { query } })) as Unvisited);
    },
  });
  return { list, rows, whole: computed(() => list.data.value?.pages[0] as unknown as Unvisited | undefined) };
}

export function useSchedule(filters: Ref<Filters>) {
  const { list, rows } = usePages<ScheduleRow>({
    key: ["schedule", filters],
    limit: 50,
    ask: async (page) => {
      const query = { ...filters.value, ...page } as Query<"overview_get_list_schedule">;
      return named(told(await api.GET("/api/v1/programme/schedule", { params: { query } })) as Schedules);
    },
  });
  return { list, rows, whole: computed(() => list.data.value?.pages[0] as unknown as Schedules | undefined) };
}

export function useStanding(site: Ref<string>) {
  return useQuery({
    queryKey: ["standing", site],
    queryFn: async () =>
      told(
        await api.GET("/api/v1/sites/{site_id}/standing", { params: { path: { site_id: site.value } } }),
      ) as Standing,
  });
}

export function useAreas(district: Ref<string | undefined>) {
  return useQuery({
    queryKey: ["areas", district],
    staleTime: 10 * 60_000,
    queryFn: async () => {
      const query = { limit: 200, ...(district.value ? { district: district.value } : {}) };
      return told(await api.GET("/api/v1/areas", { params: { query } })).items as Whole<Schemas["AreaOut"]>[];
    },
  });
}
