/** Where a report and its photos were, in WGS-84, whatever datum the phone spoke. */
import gcoord from "gcoord";

export interface Spot {
  lat: number;
  lng: number;
  accuracy: number | null;
}

interface Given {
  lat?: unknown;
  lng?: unknown;
  crs?: unknown;
  accuracy_m?: unknown;
}

export interface Content {
  location?: Given | null;
  location_reason?: string | null;
  outside_reason?: string | null;
  summary?: string | null;
  device?: { id?: string | null; name?: string | null } | null;
  representative?: { name?: string | null } | null;
  photos?: { id: string; location?: Given | null }[];
}

export function spotOf(given: Given | null | undefined): Spot | null {
  if (typeof given?.lat !== "number" || typeof given.lng !== "number") return null;
  const accuracy = typeof given.accuracy_m === "number" ? given.accuracy_m : null;
  const datum = { gcj02: gcoord.GCJ02, bd09: gcoord.BD09 }[
    String(given.crs ?? "wgs84")
      .toLowerCase()
      .replace("-", "")
  ];
  if (!datum) return { lat: given.lat, lng: given.lng, accuracy };
  const [lng, lat] = gcoord.transform([given.lng, given.lat], datum, gcoord.WGS84) as [number, number];
  return { lat, lng, accuracy };
}

export function photoSpots(content: Content): Spot[] {
  return (content.photos ?? []).map((photo) => spotOf(photo.location)).filter((spot) => spot !== null);
}

/** Metres between two points on a sphere: enough to say "about 40 m". */
export function metres(a: { lat: number; lng: number }, b: { lat: number; lng: number }): number {
  const rad = Math.PI / 180;
  const dLat = ((b.lat - a.lat) * rad) / 2;
  const dLng = ((b.lng - a.lng) * rad) / 2;
  const h = Math.sin(dLat) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLng) ** 2;
  return 2 * 6_371_000 * Math.asin(Math.sqrt(h));
}
