/** Black boxes over a photo, in parts of the upright picture; none is ever without extent or over the edge. */
export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Point {
  x: number;
  y: number;
}

export const MOST = 50; // as the server takes (server/photos/redaction_schemas.py)
export const LEAST = 0.01;
const DIGITS = 4;

const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
const short = (value: number) => Number(value.toFixed(DIGITS));

function span(one: number, other: number): [number, number] {
  return [within(Math.min(one, other), 0, 1), within(Math.max(one, other), 0, 1)];
}

/** The box that a drag from one point to another draws; null for a click that moved too little to mean one. */
export function drawn(from: Point, to: Point): Box | null {
  const [left, right] = span(from.x, to.x);
  const [top, bottom] = span(from.y, to.y);
  if (right - left < LEAST || bottom - top < LEAST) return null;
  return { x: short(left), y: short(top), w: short(right - left), h: short(bottom - top) };
}

export function moved(box: Box, dx: number, dy: number): Box {
  return { ...box, x: short(within(box.x + dx, 0, 1 - box.w)), y: short(within(box.y + dy, 0, 1 - box.h)) };
}

/** Its right lower corner goes by so much. */
export function resized(box: Box, dw: number, dh: number): Box {
  return {
    ...box,
    w: short(within(box.w + dw, LEAST, 1 - box.x)),
    h: short(within(box.h + dh, LEAST, 1 - box.y)),
  };
}

/** A box in the middle, for whoever has no pointer; each a little beside the last. */
export function another(count: number): Box {
  const at = 0.3 + 0.04 * (count % 10);
  return { x: short(at), y: short(at), w: 0.2, h: 0.2 };
}

/** Where the pointer is on a picture that is shown at `edge`. */
export function pointAt(event: { clientX: number; clientY: number }, edge: DOMRect): Point {
  return { x: (event.clientX - edge.left) / edge.width, y: (event.clientY - edge.top) / edge.height };
}

export function styleOf(box: Box): Record<string, string> {
  const percent = (part: number) => `${short(part * 100)}%`;
  return { left: percent(box.x), top: percent(box.y), width: percent(box.w), height: percent(box.h) };
}
