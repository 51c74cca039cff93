/** A map in a box of a page: its ground is laid as the settings say, and what it shows is drawn anew when they change. */
import type L from "leaflet";
import { onBeforeUnmount, onMounted, type Ref, watch } from "vue";
import { useI18n } from "vue-i18n";
import type { Place } from "./datum";
import { type Ground, makeGround } from "./ground";
import type { MapSettings } from "./settings";

/**
 * `draw` puts everything on the map; it is called when the map is there, and again by `redraw`. Nothing is drawn while the
 * settings are null, not known yet: it would lie beside its place, and jump.
 */
export function useMap(
  box: Readonly<Ref<HTMLElement | null>>,
  settings: Readonly<Ref<MapSettings | null>>,
  options: L.MapOptions,
  draw: (map: L.Map, place: Place) => void,
) {
  const { t, locale } = useI18n();
  let ground: Ground | null = null;
  let place: Place | null = null;

  function redraw(): void {
    if (ground && place) draw(ground.map, place);
  }

  function lay(): void {
    if (!ground || !settings.value) return;
    const said = { note: t("kit.outlinesNote"), zoomIn: t("kit.zoomIn"), zoomOut: t("kit.zoomOut") };
    place = ground.lay(settings.value, { ...said, language: locale.value });
    redraw();
  }

  onMounted(() => {
    if (!box.value) return;
    ground = makeGround(box.value, options);
    lay();
  });
  watch([settings, locale], lay);
  onBeforeUnmount(() => {
    ground?.map.remove();
    ground = null;
  });
  return { redraw, map: () => ground?.map ?? null };
}
