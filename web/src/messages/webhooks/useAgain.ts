/** Sends again what was given up. Pressed twice it goes once: the server leaves alone what waits or went out. */
import { useQueryClient } from "@tanstack/vue-query";
import { ref } from "vue";
import { api, told } from "@/kit/api";
import type { Delivery } from "./webhooks";

export function useAgain(begun: (delivery: Delivery) => void = () => {}) {
  const client = useQueryClient();
  const busy = ref("");
  const problem = ref<unknown>(null);

  async function again({ id }: Delivery) {
    if (busy.value) return;
    busy.value = id;
    problem.value = null;
    const params = { path: { delivery_id: id } };
    try {
      begun(told(await api.POST("/api/v1/deliveries/{delivery_id}/again", { params })) as Delivery);
    } catch (error) {
      problem.value = error;
    } finally {
      await client.invalidateQueries({ queryKey: ["deliveries"] });
      busy.value = "";
    }
  }

  return { busy, problem, again };
}
