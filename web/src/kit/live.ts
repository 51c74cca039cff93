/** What the database says now and after every change, as a ref for a page. */
import { liveQuery } from "dexie";
import { onScopeDispose, type ShallowRef, shallowRef } from "vue";

export function useLive<T>(query: () => Promise<T>, first: T): Readonly<ShallowRef<T>> {
  const told = shallowRef(first) as ShallowRef<T>;
  const subscription = liveQuery(() => query()).subscribe({
    next: (value) => {
      told.value = value;
    },
    error: (error) => console.error("a live query failed", error),
  });
  onScopeDispose(() => subscription.unsubscribe());
  return told;
}
