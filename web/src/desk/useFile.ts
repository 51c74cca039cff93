/** A picture that only a signed-in person may have, under an address that the page can show. */
import { onScopeDispose, ref, watch } from "vue";
import { session } from "@/accounts/session";
import { patientFetch, refusal } from "@/kit/api";

/** `address`: null where there is nothing to show. `again` asks once more. */
export function useFile(address: () => string | null) {
  const url = ref<string | null>(null);
  const error = ref<unknown>(null);
  let turn = 0;

  function free() {
    if (url.value) URL.revokeObjectURL(url.value);
    url.value = null;
  }

  async function again() {
    const mine = ++turn;
    const wanted = address();
    free();
    error.value = null;
    if (!wanted) return;
    try {
      const headers = { Authorization: `Bearer ${session.value?.access_token}` };
      const answer = await patientFetch(new Request(wanted, { headers }));
      if (!answer.ok) throw refusal(await answer.json().catch(() => null), answer);
      const content = await answer.blob();
      if (mine === turn) url.value = URL.createObjectURL(content);
    } catch (refused) {
      if (mine === turn) error.value = refused;
    }
  }

  watch(address, again, { immediate: true });
  onScopeDispose(() => {
    turn++;
    free();
  });
  return { url, error, again };
}
