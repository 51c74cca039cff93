/** What the desk asks the server for, kept by vue-query: shared lists and the client itself. */
import { QueryClient, useQuery } from "@tanstack/vue-query";
import { computed } from "vue";
import { useI18n } from "vue-i18n";
import { api, NoLineError, told } from "@/kit/api";
import type { Whole } from "@/kit/db";
import { named } from "@/kit/i18n";
import type { ChecklistShape, District } from "./types";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // A refusal does not get better by asking again; a cut line does.
      retry: (count, error) => error instanceof NoLineError && count < 2,
      // Else nothing is asked while the browser thinks it has no line, and the page says "loading" for as long.
      networkMode: "always",
      refetchOnReconnect: true,
    },
  },
});

const LONG = 10 * 60_000;

export function useDistricts() {
  const { locale } = useI18n();
  const query = useQuery({
    queryKey: ["districts"],
    staleTime: LONG,
    queryFn: async () => told(await api.GET("/api/v1/districts")).items as Whole<District>[],
  });
  const names = computed(
    () =>
      new Map((query.data.value ?? []).map((one) => [one.code, locale.value === "en" ? one.en : one.name])),
  );
  return {
    districts: computed(() => query.data.value ?? []),
    districtName: (code: string) => names.value.get(code) ?? code,
  };
}

export function useChecklists() {
  const { locale } = useI18n();
  const query = useQuery({
    queryKey: ["checklists"],
    staleTime: LONG,
    queryFn: async () => told(await api.GET("/api/v1/checklists")).items as ChecklistShape[],
  });
  const names = computed(
    () => new Map((query.data.value ?? []).map((one) => [one.code, named(one, locale.value)])),
  );
  return {
    query,
    checklists: computed(() => query.data.value ?? []),
    checklistName: (code: string) => names.value.get(code) ?? code,
  };
}
