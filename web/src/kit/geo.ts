/** Distances and fences in WGS-84, by the rule of `server/kit/geo/fence.py`: what it calls inside, this calls inside. */
export interface Point {
  lat: number;
  lng: number;
}

export interface Fence {
  radius_m?: number;
  polygon?: number[][]; // [lng, lat] pairs
}

export interface Fix extends Point {
  accuracy_m: number | null;
}

const EARTH_RADIUS_M = 6_371_008.8;
const ACCURACY_CAP_M = 100;

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Metres along a sphere: within 0.6 % of the ellipsoid. */
export function distance(a: Point, b: Point): number {
  const chord =
    Math.sin(radians(b.lat - a.lat) / 2) ** 2 +
    Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(radians(b.lng - a.lng) / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(Math.min(1, chord)));
}

/** Metres from a polygon's edge, 0 within it. On a plane around the point: fences are a few kilometres at most. */
export function beyondEdge(polygon: number[][], point: Point): number {
  const scale = radians(1) * EARTH_RADIUS_M;
  const flat = polygon.map(([lng = 0, lat = 0]) => [
    (lng - point.lng) * scale * Math.cos(radians(point.lat)),
    (lat - point.lat) * scale,
  ]);
  let nearest = Number.POSITIVE_INFINITY;
  let within = false;
  for (let n = 0, before = flat.length - 1; n < flat.length; before = n, n += 1) {
    const [x1 = 0, y1 = 0] = flat[before] ?? [];
    const [x2 = 0, y2 = 0] = flat[n] ?? [];
    if (y1 > 0 !== y2 > 0 && x1 - (y1 * (x2 - x1)) / (y2 - y1) > 0) within = !within;
    const length = (x2 - x1) ** 2 + (y2 - y1) ** 2;
    const along = length ? Math.max(0, Math.min(1, -(x1 * (x2 - x1) + y1 * (y2 - y1)) / length)) : 0;
    nearest = Math.min(nearest, Math.hypot(x1 + along * (x2 - x1), y1 + along * (y2 - y1)));
  }
  return within ? 0 : nearest;
}

/** What a site's fence says of a fix; null where the site has no place to be held against. */
export function fenceSays(
  site: { location: Point | null; fence: Fence },
  fix: Fix,
): { inside: boolean; distance_m: number } | null {
  const blur = Math.min(fix.accuracy_m ?? 0, ACCURACY_CAP_M);
  if (site.fence.polygon && site.fence.polygon.length > 2) {
    const beyond = beyondEdge(site.fence.polygon, fix);
    return { inside: beyond <= blur, distance_m: beyond };
  }
  if (!site.location || site.fence.radius_m === undefined) return null;
  const away = distance(site.location, fix);
  return { inside: away <= site.fence.radius_m + blur, distance_m: away };
}

/** 35 米, 1.2 公里; 35 m, 14 km: on one line, wherever there is room for it. */
export function inWords(metres: number, language: string): string {
  const [near, far] = language === "en" ? ["m", "km"] : ["米", "公里"];
  if (metres < 1000) return `${Math.round(metres)}\u00a0${near}`;
  return `${metres < 10_000 ? (metres / 1000).toFixed(1) : Math.round(metres / 1000)}\u00a0${far}`;
}
