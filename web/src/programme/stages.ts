import type { Site } from "@/kit/db";

/** What a site's stage looks like on the map; darker than at the desk, for the sun. The later ones lie on top. */
export const STAGE_COLOURS: Record<Site["stage"], string> = {
  not_started: "#76828f",
  in_progress: "#0b5cad",
  suspended: "#c4620a",
  completed: "#4ca56b",
  accepted: "#0a6b2c",
};
