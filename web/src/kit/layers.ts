/** What lies over a page (a photo, the camera, a sheet to sign on): the phone's "back" closes it, and leaves the page only then. */
import { onScopeDispose, watch } from "vue";
import type { Router, RouterHistory } from "vue-router";

type Close = () => void;
let layers: Close[] = [];

/** One that is there from now on; what is given back takes it away. */
export function putLayer(close: Close): () => void {
  layers.push(close);
  return () => {
    layers = layers.filter((one) => one !== close);
  };
}

/** For a component that is such a layer: all the time it is there, or while `isOpen`. */
export function useLayer(close: Close, isOpen: () => boolean = () => true): void {
  let gone = () => {};
  watch(
    isOpen,
    (open) => {
      gone();
      if (open) gone = putLayer(close);
    },
    { immediate: true },
  );
  onScopeDispose(() => gone());
}

/** Before the router hears of it: which way it goes is told to who listens, and not to its guards. */
export function backClosesLayers(router: Router, history: RouterHistory): void {
  let isBack = false;
  history.listen((_to, _from, { delta }) => {
    isBack = delta < 0;
  });
  router.beforeEach(() => {
    const top = isBack ? layers.at(-1) : undefined;
    isBack = false;
    top?.();
    return top === undefined;
  });
}
