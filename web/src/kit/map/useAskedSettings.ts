/** The map's settings where there is a line: the desk asks for them. */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";
import { api, told } from "@/kit/api";
import { type MapSettings, PLAIN } from "./settings";

export function useAskedSettings() {
  const query = useQuery({
    queryKey: ["settings"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => told(await api.GET("/api/v1/settings")).map as MapSettings,
  });
  return computed(() => query.data.value ?? (query.isError.value ? PLAIN : null));
}
