/** The ground of a map: tiles where the office has set some, the districts' outlines always, whose map it is. */
import "leaflet/dist/leaflet.css";
import "./map.css";
import L from "leaflet";
import { type Place, placeOn } from "./datum";
import districts from "./outlines.json";
import type { MapSettings } from "./settings";

const SHARDS = "1234"; // what {s} in a template stands for; server/operation/client.py lets these hosts in
const HIGHEST = 19;
const OUTLINES = "outlines";
const NAMES = "names";

export interface Ground {
  map: L.Map;
  /** Lay it anew, as the settings and the language are now; says where points are drawn on it. */
  lay(settings: MapSettings, said: Said): Place;
}

interface Said {
  language: string;
  note: string;
  zoomIn: string;
  zoomOut: string;
}

export function makeGround(box: HTMLElement, options: L.MapOptions): Ground {
  const map = L.map(box, { attributionControl: false, zoomControl: false, maxZoom: HIGHEST, ...options });
  L.control.scale({ imperial: false }).addTo(map);
  const credits = L.control.attribution({ prefix: false }).addTo(map);
  map.createPane(OUTLINES).style.zIndex = "250"; // above the tiles, below all that is drawn on the map
  const names = map.createPane(NAMES);
  names.style.zIndex = "610"; // above the points, which may be thousands, and in nobody's way
  names.style.pointerEvents = "none";
  const laid = L.layerGroup().addTo(map);
  let credited: string[] = [];
  let zoom: L.Control.Zoom | null = null;

  return {
    map,
    lay(settings, { language, note, zoomIn, zoomOut }) {
      const place = placeOn(settings.datum);
      zoom?.remove();
      zoom = L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
      laid.clearLayers();
      for (const url of settings.tiles_urls) tiles(url, settings.max_zoom).addTo(laid);
      drawOutlines(place, language, settings.tiles_urls.length > 0).addTo(laid);
      for (const text of credited) credits.removeAttribution(text);
      credited = [settings.tiles_urls.length ? settings.attribution : "", note].filter(Boolean).map(asText);
      for (const text of credited) credits.addAttribution(text);
      return place;
    },
  };
}

function tiles(url: string, max: number): L.TileLayer {
  return L.tileLayer(url, {
    subdomains: SHARDS,
    maxNativeZoom: max,
    maxZoom: HIGHEST,
    referrerPolicy: "strict-origin", // makers of maps know a key's rightful user by it
  });
}

function drawOutlines(place: Place, language: string, onTiles: boolean): L.LayerGroup {
  const style = { color: "#5f6672", weight: 1.5, fillColor: "#fff", fillOpacity: onTiles ? 0 : 0.75 };
  const group = L.layerGroup();
  for (const { zh, en, name_at, rings } of districts) {
    const shape = rings.map((ring) => pairs(ring).map(place));
    L.polygon(shape, { ...style, pane: OUTLINES, interactive: false }).addTo(group);
    L.tooltip({
      permanent: true,
      direction: "center",
      className: "district-name",
      interactive: false,
      pane: NAMES,
    })
      .setLatLng(place({ lng: name_at[0] ?? 0, lat: name_at[1] ?? 0 }))
      .setContent(textElement(language === "en" ? en : zh))
      .addTo(group);
  }
  return group;
}

function pairs(ring: number[]): { lng: number; lat: number }[] {
  return Array.from({ length: ring.length / 2 }, (_, n) => ({
    lng: ring[2 * n] ?? 0,
    lat: ring[2 * n + 1] ?? 0,
  }));
}

/** As an element: Leaflet would read a string as HTML. */
export function textElement(text: string): HTMLElement {
  const element = document.createElement("span");
  element.textContent = text;
  return element;
}

const asText = (text: string) => textElement(text).innerHTML;
