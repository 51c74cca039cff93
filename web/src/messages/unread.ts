/** How many messages wait to be read, asked for once; 0 where that cannot be asked. */
import { onMounted, ref } from "vue";
import { api, told } from "@/kit/api";

const MOST = 99;

export function useUnreadOnce() {
  const count = ref(0);
  onMounted(async () => {
    const query = { unread: true, limit: MOST + 1 };
    count.value = await api
      .GET("/api/v1/messages", { params: { query } })
      .then((answer) => told(answer).items.length)
      .catch(() => 0);
  });
  return count;
}
