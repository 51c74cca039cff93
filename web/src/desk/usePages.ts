/** A list that comes page after page. */
import { useInfiniteQuery } from "@tanstack/vue-query";
import { computed } from "vue";

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

interface Options<T> {
  key: unknown[];
  limit: number;
  ask: (page: { limit: number; cursor?: string }) => Promise<unknown>;
  /** How often to ask again, ms; false is never. */
  every?: (rows: T[]) => number | false;
}

export function usePages<T extends { id: unknown }>({ key, limit, ask, every }: Options<T>) {
  const list = useInfiniteQuery({
    queryKey: [...key, limit],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam }) =>
      (await ask({ limit, ...(pageParam ? { cursor: pageParam } : {}) })) as Page<T>,
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: (before) => before, // the list stays while another is asked for
    refetchInterval: (query) => every?.(query.state.data?.pages.flatMap((page) => page.items) ?? []) ?? false,
  });
  const rows = computed(() => {
    // What came between the asking of two pages would stand in both.
    const seen = new Map(
      (list.data.value?.pages ?? []).flatMap((page) => page.items).map((row) => [row.id, row]),
    );
    return [...seen.values()];
  });
  return { list, rows };
}

/** What a table needs to know of such a list. */
export type List = Pick<
  ReturnType<typeof usePages>["list"],
  "isError" | "error" | "isPending" | "refetch" | "hasNextPage" | "isFetchingNextPage" | "fetchNextPage"
>;
