/** The present moment for a page that says how long ago something was. */
import { onScopeDispose, type Ref, ref } from "vue";

const TICK_MS = 30_000;

/** Milliseconds since 1970, every half minute anew while the page is there. */
export function useNow(): Readonly<Ref<number>> {
  const moment = ref(Date.now());
  const timer = setInterval(() => {
    moment.value = Date.now();
  }, TICK_MS);
  onScopeDispose(() => clearInterval(timer));
  return moment;
}
