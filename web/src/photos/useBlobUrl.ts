/** An address under which the page can show a blob; given back when it is no longer shown. */
import { onScopeDispose, type Ref, ref, watch } from "vue";

/** `name` says whether it is still the same blob: the database hands out a new object at every reading. */
export function useBlobUrl(name: () => string, blob: () => Blob | null): Readonly<Ref<string | null>> {
  const address = ref<string | null>(null);
  const free = () => address.value && URL.revokeObjectURL(address.value);
  watch(
    () => `${name()} ${blob() !== null}`,
    () => {
      free();
      const now = blob();
      address.value = now ? URL.createObjectURL(now) : null;
    },
    { immediate: true },
  );
  onScopeDispose(free);
  return address;
}
