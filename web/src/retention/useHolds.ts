/** The holds that keep one thing; to lay one and to lift one. */
import { useQuery, useQueryClient } from "@tanstack/vue-query";
import { computed, ref } from "vue";
import { session } from "@/accounts/session";
import { maySetPolicy } from "@/desk/roles";
import { api, told } from "@/kit/api";
import type { Hold, HoldKind } from "./types";

/** Lists of holds, and the page with their figures. */
const KEYS = [["holds"], ["retention"]];

/** Who sees holds and lays them: the office and administrators. */
export const mayHold = computed(() => maySetPolicy(session.value?.user.roles ?? []));

export function useHolds(of: () => { kind: HoldKind; id: string }) {
  const holds = useQuery({
    queryKey: computed(() => ["holds", of().kind, of().id]),
    enabled: mayHold,
    queryFn: async () =>
      told(await api.GET("/api/v1/holds", { params: { query: { ...of(), standing: true, limit: 200 } } }))
        .items as Hold[],
  });
  return { holds, ...useHolding() };
}

/** What is done with holds, and what went wrong with it. */
export function useHolding() {
  const cache = useQueryClient();
  const failure = ref<unknown>(null);
  const busy = ref(false);

  async function doing(work: () => Promise<unknown>): Promise<boolean> {
    failure.value = null;
    busy.value = true;
    try {
      await work();
      return true;
    } catch (refused) {
      failure.value = refused;
      return false;
    } finally {
      busy.value = false;
      for (const queryKey of KEYS) void cache.invalidateQueries({ queryKey });
    }
  }

  const lay = (kind: HoldKind, id: string, reason: string) =>
    doing(async () => told(await api.POST("/api/v1/holds", { body: { kind, id, reason } })));
  const lift = (hold: Hold, reason: string) =>
    doing(async () =>
      told(
        await api.POST("/api/v1/holds/{hold_id}/lifting", {
          params: { path: { hold_id: hold.id } },
          body: { reason },
        }),
      ),
    );
  return { failure, busy, lay, lift };
}
