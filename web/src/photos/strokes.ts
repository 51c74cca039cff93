/** Lines drawn by hand as a few points: what a finger leaves behind is made small, and drawn again as it looked. */
export type Line = number[][]; // points [x, y]

/** The points without which the line would look different by more than `off` (Ramer, Douglas and Peucker). */
function simplified(line: Line, off: number): Line {
  const kept = new Set([0, line.length - 1]);
  const waiting: [number, number][] = [[0, line.length - 1]];
  for (let part = waiting.pop(); part; part = waiting.pop()) {
    const [from, to] = part;
    let [farthest, distance] = [0, off];
    for (let at = from + 1; at < to; at += 1) {
      const away = distanceTo(line[from] as number[], line[to] as number[], line[at] as number[]);
      if (away > distance) [farthest, distance] = [at, away];
    }
    if (!farthest) continue;
    kept.add(farthest);
    waiting.push([from, farthest], [farthest, to]);
  }
  return line.filter((_, at) => kept.has(at));
}

/** The same with at most `most` points, as much coarser as that takes. */
export function coarsened(line: Line, most: number, off: number): Line {
  let made = simplified(line, off);
  for (let more = off * 2; made.length > most; more *= 2) {
    made = made.length <= 2 ? made.slice(0, most) : simplified(line, more);
  }
  return made;
}

/** Of a piece of a line, not of the endless one: a line that comes back to where it began is not nothing. */
function distanceTo(
  [ax = 0, ay = 0]: number[],
  [bx = 0, by = 0]: number[],
  [x = 0, y = 0]: number[],
): number {
  const [dx, dy] = [bx - ax, by - ay];
  const along =
    dx || dy ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy))) : 0;
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

/** Points as parts of a box, to four decimals: a tenth of a millimetre on a metre. */
export function asParts(line: Line, left: number, top: number, width: number, height: number): Line {
  return line.map(([x = 0, y = 0]) => [part((x - left) / width), part((y - top) / height)]);
}

function part(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
}

/** For an SVG of this size; one point becomes a line to itself, which round ends show as a dot. */
export function pathOf(line: Line, width: number, height: number): string {
  const points = line.length === 1 ? [line[0] as number[], line[0] as number[]] : line;
  return points
    .map(([x = 0, y = 0], at) => `${at ? "L" : "M"}${tenth(x * width)} ${tenth(y * height)}`)
    .join("");
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
