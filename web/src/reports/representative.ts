/** The site's representative and the signature: as strokes, and what of them a later revision may still say. */
import type { Draft, ReportBody } from "@/kit/db";
import { asParts, coarsened, type Line } from "@/photos/strokes";

// What the server takes (server/reports/drawing.py), and half of its points: a signature is a few hundred.
const STROKES = 200;
const POINTS = 2000;
const OFF = 0.5; // pixels of the screen

/** Strokes on the screen as parts of the square that the signature's longer side fills; null where there are none. */
export function signatureOf(lines: Line[]): Line[] | null {
  const drawn = lines.filter((line) => line.length).slice(0, STROKES);
  if (!drawn.length) return null;
  const { left, top, side } = squareAround(drawn);
  const most = (off: number): Line[] => {
    const few = drawn.map((line) => coarsened(line, POINTS, off));
    return few.reduce((sum, line) => sum + line.length, 0) > POINTS ? most(off * 2) : few;
  };
  return most(OFF).map((line) => asParts(line, left, top, side, side));
}

/** The same strokes as large as a box of this size takes, in its middle. */
export function fittedLines(signature: Line[], width: number, height: number): Line[] {
  const { wide, high } = extentOf(signature);
  const scale = 0.8 * Math.min(width / wide, height / high, Math.max(width, height));
  const [left, top] = [(width - wide * scale) / 2, (height - high * scale) / 2];
  return signature.map((line) => line.map(([x = 0, y = 0]) => [left + x * scale, top + y * scale]));
}

/** The same with points at least every few pixels: signature_pad bends what lies between far ones, and ends before the last. */
export function dense(line: Line, step = 4): Line {
  const last = line.at(-1) ?? [];
  const between = line.slice(0, -1).flatMap(([ax = 0, ay = 0], at) => {
    const [bx = 0, by = 0] = line[at + 1] ?? [];
    const parts = Math.max(1, Math.ceil(Math.hypot(bx - ax, by - ay) / step));
    return Array.from({ length: parts }, (_, n) => [
      ax + ((bx - ax) * n) / parts,
      ay + ((by - ay) * n) / parts,
    ]);
  });
  return [...between, last];
}

/** How far a signature reaches, in parts of its square; never nothing, so that it can be divided by. */
export function extentOf(signature: Line[]): { wide: number; high: number } {
  const points = signature.flat();
  const reach = (axis: number) => Math.max(0.05, ...points.map((point) => point[axis] ?? 0));
  return { wide: reach(0), high: reach(1) };
}

function squareAround(lines: Line[]): { left: number; top: number; side: number } {
  const points = lines.flat();
  const [xs, ys] = [points.map(([x = 0]) => x), points.map(([, y = 0]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { left, top, side: Math.max(Math.max(...xs) - left, Math.max(...ys) - top, 1) };
}

/**
 * What a draft of `revision` takes over from the body of another. Whoever spoke for the site was there all the same; but
 * the signature stands under what the earlier revision said, and must not come to stand under other words. So it stays
 * with that revision, and the draft says so and may be signed anew. A body that never became a revision is no other.
 */
export function takenOver(
  body: ReportBody,
  revision: number,
): Pick<Draft, "representative" | "signed_before"> {
  const given = body.representative;
  const name = given?.name ?? "";
  const [signed_at, signature] = [given?.signed_at ?? null, given?.signature ?? null];
  if (body.revision === revision)
    return { representative: { name, signed_at, signature }, signed_before: null };
  return {
    representative: { name, signed_at: null, signature: null },
    signed_before: signed_at ? { revision: body.revision, name, signed_at } : null,
  };
}
