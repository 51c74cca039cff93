import { computed } from "vue";
import { useRoute, useRouter } from "vue-router";
import { changed, filtersOf } from "./filters";

/** The page's filters, read from its address and written to it. */
export function useFilters(known: readonly string[]) {
  const route = useRoute();
  const router = useRouter();
  const filters = computed(() => filtersOf(route.query, known));
  const others = computed(() =>
    Object.fromEntries(Object.entries(route.query).filter(([name]) => !known.includes(name))),
  );
  const set = (change: Record<string, string | null | undefined>) =>
    router.replace({ query: { ...others.value, ...changed(filters.value, change) } });
  const clear = () => router.replace({ query: others.value });
  return { filters, set, clear };
}
