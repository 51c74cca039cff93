/** Lists of reports by filters, page after page. */
import type { Ref } from "vue";
import { daysOfAge, type Filters, today } from "@/desk/filters";
import type { ReportRow } from "@/desk/types";
import { usePages } from "@/desk/usePages";
import { api, told } from "@/kit/api";
import type { operations } from "@/kit/wire";
import type { Order } from "./order";

export type ReportQuery = NonNullable<operations["reports_get_list_reports"]["parameters"]["query"]>;
export const FILTERS = ["district", "q", "checklist", "flag", "age", "state", "site"] as const;

/** The page's filters as the server's query. */
export function queryOf(filters: Filters, day: string): ReportQuery {
  const { age, ...rest } = filters;
  return { ...rest, ...daysOfAge(age, day) } as ReportQuery;
}

interface Options {
  limit: number;
  every?: number;
  order?: Ref<Order>;
}

export function useReports(filters: Ref<Filters>, options: Options) {
  return usePages<ReportRow>({
    key: ["reports", filters, options.order ?? "newest"],
    limit: options.limit,
    every: () => options.every ?? false,
    ask: async (page) =>
      told(
        await api.GET("/api/v1/reports", {
          params: {
            query: { ...queryOf(filters.value, today()), order: options.order?.value ?? "newest", ...page },
          },
        }),
      ),
  });
}
