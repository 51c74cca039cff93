/** What maps show of a site and of a position. */
import L from "leaflet";
import type { Site } from "@/kit/db";
import type { Point } from "@/kit/geo";
import type { Place } from "./datum";

/** The site's fence, or null where there is none to show. A ring of points also where it is a circle, so that it knows
 * its bounds before it lies on a map. */
export function fenceShape(
  { fence, location }: Pick<Site, "fence" | "location">,
  place: Place,
): L.Polygon | null {
  const style = { color: "#0b5cad", weight: 2, fillOpacity: 0.12 };
  if (fence.polygon?.length) {
    const ring = fence.polygon.map(([lng = 0, lat = 0]) => place({ lng, lat }));
    return L.polygon(ring, style);
  }
  return location && fence.radius_m ? around(location, fence.radius_m, place, style) : null;
}

/** All that lies within so many metres of a point. */
export function around(middle: Point, metres: number, place: Place, style: L.PolylineOptions): L.Polygon {
  const lat = metres / 111_320;
  const lng = lat / Math.cos((middle.lat * Math.PI) / 180);
  const ring = Array.from({ length: 48 }, (_, n) => {
    const angle = (n / 24) * Math.PI;
    return place({ lat: middle.lat + lat * Math.sin(angle), lng: middle.lng + lng * Math.cos(angle) });
  });
  return L.polygon(ring, style);
}

/** A position of this phone: a dot, and how exact it is. */
export function meShape(
  fix: Point & { accuracy_m: number | null },
  place: Place,
  name: string,
): L.LayerGroup {
  const dot = { radius: 8, color: "#fff", weight: 3, fillColor: "#8e24aa", fillOpacity: 1 };
  const blur = { color: "#8e24aa", weight: 1, fillOpacity: 0.1, interactive: false };
  return L.layerGroup([
    ...(fix.accuracy_m ? [around(fix, fix.accuracy_m, place, blur)] : []),
    L.circleMarker(place(fix), dot).bindTooltip(name),
  ]);
}
