/** From WGS-84, which everything is kept in, to what the tiles are drawn in; for drawing only. */
import gcoord from "gcoord";
import L from "leaflet";

/** Where a point is drawn. */
export type Place = (point: { lat: number; lng: number }) => L.LatLng;

export function placeOn(datum: string): Place {
  if (datum !== "gcj02") return ({ lat, lng }) => L.latLng(lat, lng);
  return (point) => {
    const [lng, lat] = gcoord.transform([point.lng, point.lat], gcoord.WGS84, gcoord.GCJ02) as [
      number,
      number,
    ];
    return L.latLng(lat, lng);
  };
}
