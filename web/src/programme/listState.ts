/** What the list and the map looked like when they were left for a site, so that coming back finds them so. */
interface View {
  middle: { lat: number; lng: number };
  zoom: number;
}

export const listState = { query: "", scroll: 0, map: false, view: null as View | null, picked: "" };
