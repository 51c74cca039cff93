/** At which end of the queue a supervisor begins. The oldest first, unless this computer was told otherwise. */
import { ref } from "vue";

const ORDERS = ["oldest", "newest"] as const;
export type Order = (typeof ORDERS)[number];
const KEPT = "dudao.desk.order";

export function rememberedOrder(box: Pick<Storage, "getItem">): Order {
  return box.getItem(KEPT) === "newest" ? "newest" : "oldest";
}

export function useOrder() {
  const order = ref<Order>(rememberedOrder(localStorage));
  const setOrder = (next: Order) => {
    order.value = next;
    localStorage.setItem(KEPT, next);
  };
  return { order, setOrder, orders: ORDERS };
}
