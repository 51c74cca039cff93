/** The residents' word on an issue: the link to hand out, and what was answered. */
import { useQuery } from "@tanstack/vue-query";
import { computed, type Ref } from "vue";
import { api, told } from "@/kit/api";
import type { Issue, Whole } from "@/kit/db";
import type { components } from "@/kit/wire";

export type Residents = Whole<components["schemas"]["ResidentsOut"]>;
export type Word = Residents["words"][number];

/** Asked for anew when the issue moves: a closing makes a link, and an answer may reopen the issue. */
export function useResidents(issue: Ref<Pick<Issue, "id" | "state" | "round">>) {
  return useQuery({
    queryKey: computed(() => ["residents", issue.value.id, issue.value.state, issue.value.round]),
    queryFn: async () => {
      const path = { issue_id: issue.value.id };
      return told(await api.GET("/api/v1/issues/{issue_id}/residents", { params: { path } })) as Residents;
    },
  });
}

export async function newLink(issueId: string): Promise<Residents> {
  const params = { path: { issue_id: issueId } };
  return told(await api.POST("/api/v1/issues/{issue_id}/residents", { params })) as Residents;
}

/** Fetched by the header and not by a signed address: a page may stay open for longer than that holds. */
export const codeAddress = (issueId: string) => `/api/v1/issues/${issueId}/residents.svg`;
export const photoAddress = (issueId: string, wordId: string) =>
  `/api/v1/issues/${issueId}/residents/${wordId}/photo`;
