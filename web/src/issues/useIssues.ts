import { useQuery } from "@tanstack/vue-query";
import type { Ref } from "vue";
import type { Filters } from "@/desk/filters";
import type { WholeIssue } from "@/desk/types";
import { usePages } from "@/desk/usePages";
import { api, told } from "@/kit/api";
import type { Issue } from "@/kit/db";
import type { operations } from "@/kit/wire";

type IssueQuery = NonNullable<operations["issues_get_list_issues"]["parameters"]["query"]>;
interface Counts {
  states: Record<string, number>;
  overdue: number;
  moves: Record<string, number>;
}
/** What the list and the register are narrowed to. */
export const NARROWED = [
  "state",
  "severity",
  "district",
  "overdue",
  "contractor",
  "move",
  "site",
  "q",
] as const;
export const FILTERS = [...NARROWED, "order"] as const;

export function useIssues(filters: Ref<Filters>, limit = 50) {
  return usePages<Issue>({
    key: ["issues", filters],
    limit,
    ask: async (page) =>
      told(
        await api.GET("/api/v1/issues", {
          params: { query: { ...(filters.value as unknown as IssueQuery), ...page } },
        }),
      ),
  });
}

/** How many wait in each queue. Asked under the list's own key: what moves an issue makes both anew. */
export function useIssueCounts() {
  return useQuery({
    queryKey: ["issues", "counts"],
    queryFn: async () => told(await api.GET("/api/v1/issues/counts")) as Counts,
  });
}

export function useIssue(id: Ref<string>) {
  return useQuery({
    queryKey: ["issue", id],
    // Each answer signs the photos' addresses anew, and pictures would load again.
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    queryFn: async () =>
      told(
        await api.GET("/api/v1/issues/{issue_id}", { params: { path: { issue_id: id.value } } }),
      ) as WholeIssue,
  });
}
