/** How a photo lies in its pane: zoomed, turned, moved; and what is said and drawn on it. */
import type { Gallery } from "@/desk/types";
import type { Mark } from "@/kit/db";

export interface Lie {
  zoom: number;
  turn: number; // degrees, a multiple of 90
  x: number;
  y: number;
}

export const FIT: Lie = { zoom: 1, turn: 0, x: 0, y: 0 };
const MOST = 12;

/** Zoom by a factor about a point of the pane (pixels from its middle), which stays where it is. */
export function zoomed(lie: Lie, factor: number, px = 0, py = 0): Lie {
  const zoom = Math.min(MOST, Math.max(1, lie.zoom * factor));
  if (zoom === 1) return { ...lie, zoom, x: 0, y: 0 };
  const by = zoom / lie.zoom;
  return { ...lie, zoom, x: px - (px - lie.x) * by, y: py - (py - lie.y) * by };
}

export function turned(lie: Lie): Lie {
  return { ...FIT, turn: (lie.turn + 90) % 360 };
}

export function moved(lie: Lie, dx: number, dy: number): Lie {
  return lie.zoom === 1 ? lie : { ...lie, x: lie.x + dx, y: lie.y + dy };
}

/** A photo on its side must shrink to fit: the pane's sides change their parts. */
export function styleOf(lie: Lie, width: number, height: number): Record<string, string> {
  const onSide = lie.turn % 180 !== 0;
  return {
    width: `${onSide ? height : width}px`,
    height: `${onSide ? width : height}px`,
    transform: `translate(-50%, -50%) translate(${lie.x}px, ${lie.y}px) rotate(${lie.turn}deg) scale(${lie.zoom})`,
  };
}

/** The marks of a photo; none that this version of the page would not know how to draw. */
export function marksOf(photo: Pick<Gallery, "marks"> | null | undefined): Mark[] {
  return (photo?.marks ?? []).filter(
    (mark): mark is Mark => mark.colour === "red" || mark.colour === "yellow",
  );
}

/** 3.1 MB, as cameras count. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
