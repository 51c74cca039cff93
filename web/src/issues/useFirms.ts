/** Organisations that may be responsible: to choose from, and to call by their names. */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";
import type { Organisation } from "@/desk/types";
import { api, told } from "@/kit/api";

export function useFirms() {
  const query = useQuery({
    queryKey: ["organisations"],
    staleTime: 5 * 60_000,
    queryFn: async () =>
      told(await api.GET("/api/v1/organisations", { params: { query: { limit: 200 } } }))
        .items as Organisation[],
  });
  const names = computed(() => new Map((query.data.value ?? []).map((one) => [one.id, one.name])));
  return {
    firms: computed(() => (query.data.value ?? []).filter((one) => one.kind === "contractor")),
    firmName: (id: string) => names.value.get(id) ?? id,
  };
}
