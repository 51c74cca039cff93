/** One's own messages, and how many of them wait to be read. */
import { useQuery, useQueryClient } from "@tanstack/vue-query";
import { computed, type Ref } from "vue";
import { session } from "@/accounts/session";
import { usePages } from "@/desk/usePages";
import { api, told } from "@/kit/api";
import type { Whole } from "@/kit/db";
import type { components } from "@/kit/wire";

export type Message = Whole<components["schemas"]["MessageOut"]>;
const EVERY_MS = 60_000;
/** More than so many are not counted. */
export const MOST = 99;

export function useMessages(unread: Ref<boolean>) {
  return usePages<Message>({
    key: ["messages", "list", unread],
    limit: 50,
    every: () => EVERY_MS,
    ask: async (page) =>
      told(
        await api.GET("/api/v1/messages", {
          params: { query: { ...(unread.value ? { unread: true } : {}), ...page } },
        }),
      ),
  });
}

/** Asked for every minute while the page is seen. */
export function useUnread() {
  const query = useQuery({
    queryKey: ["messages", "unread"],
    enabled: computed(() => session.value !== null && !session.value.ended),
    refetchInterval: EVERY_MS,
    queryFn: async () =>
      told(await api.GET("/api/v1/messages", { params: { query: { unread: true, limit: MOST + 1 } } })).items
        .length,
  });
  return computed(() => query.data.value ?? 0);
}

export function useReading() {
  const client = useQueryClient();
  return async (messages: readonly Pick<Message, "id" | "read_at">[]): Promise<void> => {
    for (const { id } of messages.filter((one) => !one.read_at))
      told(await api.POST("/api/v1/messages/{message_id}/read", { params: { path: { message_id: id } } }));
    await client.invalidateQueries({ queryKey: ["messages"] });
  };
}
