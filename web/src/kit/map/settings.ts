/** What every map lies on, as the office has set it. */
import type { Whole } from "@/kit/db";
import type { components } from "@/kit/wire";

export type MapSettings = Whole<components["schemas"]["MapOut"]>;

/** No tiles: a plain ground. Also where the settings were never heard of. */
export const PLAIN: MapSettings = { tiles_urls: [], datum: "wgs84", attribution: "", max_zoom: 18 };
