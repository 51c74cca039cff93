import { computed, onBeforeUnmount } from "vue";
import { onBeforeRouteLeave, useRoute, useRouter } from "vue-router";
import { changed, type Filters, filtersOf } from "./filters";

/** The page's filters, read from its address and written to it. */
export function useFilters(known: readonly string[]) {
  const route = useRoute();
  const router = useRouter();
  const filters = computed(() => filtersOf(route.query, known));
  const others = computed(() =>
    Object.fromEntries(Object.entries(route.query).filter(([name]) => !known.includes(name))),
  );
  let wanted: Filters | null = null; // what the address is about to say: a second change must not undo the first
  let isLeaving = false; // to a page whose script may still be on its way
  onBeforeRouteLeave(() => {
    isLeaving = true;
  });
  const stays = () => {
    isLeaving = false;
  };
  const forgetting = [router.afterEach(stays), router.onError(stays)]; // the other page may not come at all
  onBeforeUnmount(() => forgetting.forEach((forget) => void forget()));

  async function write(next: Filters): Promise<void> {
    if (isLeaving) return; // a search that was typed a moment before the click must not call back who goes
    wanted = next;
    await router.replace({ query: { ...others.value, ...next } });
    if (wanted === next) wanted = null;
  }

  const set = (change: Record<string, string | null | undefined>) =>
    write(changed(wanted ?? filters.value, change));
  const clear = () => write({});
  return { filters, set, clear };
}
