/** Which rows of a long list are on the screen: only those are made, so that 3,259 scroll like 20. */
import { computed, onMounted, onUnmounted, type Ref, ref } from "vue";

const SPARE = 6; // rows above and below, for a fast thumb

export function useWindow(list: Ref<HTMLElement | null>, count: Ref<number>, height: number) {
  const top = ref(0);
  const screen = ref(window.innerHeight);

  function measure(): void {
    screen.value = window.innerHeight;
    top.value = list.value ? -list.value.getBoundingClientRect().top : 0;
  }

  const first = computed(() => {
    const last = Math.max(0, count.value - Math.ceil(screen.value / height));
    return Math.max(0, Math.min(last, Math.floor(top.value / height)) - SPARE);
  });
  const end = computed(() =>
    Math.min(count.value, first.value + Math.ceil(screen.value / height) + 2 * SPARE),
  );

  onMounted(() => {
    window.addEventListener("scroll", measure, { passive: true });
    window.addEventListener("resize", measure);
    measure();
  });
  onUnmounted(() => {
    window.removeEventListener("scroll", measure);
    window.removeEventListener("resize", measure);
  });
  return { first, end, measure };
}
