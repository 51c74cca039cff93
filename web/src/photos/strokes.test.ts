import { describe, expect, it } from "vitest";
import type { Mark } from "@/kit/db";
import { dense, fittedLines, signatureOf } from "@/reports/representative";
import drawing from "./fixtures/drawing.json"; // what the server takes (tests/shared_with_web.py)
import { COLOURS, fittedIn, isFull, WIDTHS, withStroke } from "./marks";
import { asParts, coarsened, type Line, pathOf } from "./strokes";

const arc = (points: number, radius: number): Line =>
  Array.from({ length: points }, (_, n) => {
    const turn = (n / (points - 1)) * 2 * Math.PI;
    return [200 + radius * Math.cos(turn), 200 + radius * Math.sin(turn)];
  });

describe("a line drawn by hand", () => {
  it("needs but its ends where it is straight, however often the finger was asked", () => {
    const straight = Array.from({ length: 300 }, (_, n) => [n, n / 2]);
    expect(coarsened(straight, 400, 0.7)).toEqual([
      [0, 0],
      [299, 149.5],
    ]);
  });

  it("looks the same with a few points: a circle of 600 stays within a pixel", () => {
    const few = coarsened(arc(600, 120), 400, 0.7);
    expect(few.length).toBeLessThan(50);
    for (const [x = 0, y = 0] of arc(600, 120)) {
      const near = Math.min(...pieces(few).map((piece) => away(piece, x, y)));
      expect(near).toBeLessThanOrEqual(0.71);
    }
  });

  it("comes back to where it began and is still a line", () => {
    const there = [
      [0, 0],
      [50, 0],
      [100, 0],
      [50, 0],
      [0, 0],
    ];
    expect(coarsened(there, 400, 0.7)).toEqual([
      [0, 0],
      [100, 0],
      [0, 0],
    ]);
  });

  it("gets coarser rather than longer than it may be, and a dot stays a dot", () => {
    const wild = Array.from({ length: 500 }, (_, n) => [n, n % 2 ? 40 : 0]);
    expect(coarsened(wild, 100, 0.7).length).toBeLessThanOrEqual(100);
    expect(coarsened([[5, 5]], 1, 0.7)).toEqual([[5, 5]]);
    expect(pathOf([[0.5, 0.5]], 100, 100)).toBe("M50 50L50 50");
  });

  it("is parts of its box to four decimals, and never outside it", () => {
    expect(
      asParts(
        [
          [110, 20.00004],
          [500, -9],
        ],
        10,
        20,
        300,
        400,
      ),
    ).toEqual([
      [0.3333, 0],
      [1, 0],
    ]);
  });
});

describe("marks on a photo", () => {
  const over = fittedIn({ left: 0, top: 100, width: 390, height: 600 }, 4000, 3000);
  const pen = { colour: "red" as const, width: 0.006 };

  it("lie on the photo, not on the bars beside it", () => {
    expect(over).toEqual({ left: 0, top: 253.75, width: 390, height: 292.5 });
    const [mark] = withStroke([], [[195, 400]], over, pen);
    expect(mark).toEqual({ ...pen, points: [[0.5, 0.5]] });
  });

  it("are small: a circle around something takes less than a kilobyte", () => {
    expect(JSON.stringify(withStroke([], arc(500, 80), over, pen)).length).toBeLessThan(1024);
  });

  it("are never more than the server takes", () => {
    let marks: Mark[] = [];
    const wild = Array.from({ length: 600 }, (_, n) => [(n * 37) % 390, 260 + ((n * 53) % 280)]);
    for (let n = 0; n < 60; n += 1) marks = withStroke(marks, wild, over, pen);
    expect(isFull(marks)).toBe(true);
    expect(marks.flatMap((mark) => mark.points).length).toBeLessThanOrEqual(drawing.marks.points);
    let dots: Mark[] = [];
    for (let n = 0; n < drawing.marks.strokes + 10; n += 1) dots = withStroke(dots, [[n, 300]], over, pen);
    expect(dots).toHaveLength(drawing.marks.strokes);
  });

  it("are drawn with pens that the server knows", () => {
    expect(Object.keys(COLOURS).sort()).toEqual([...drawing.marks.colours].sort());
    const [thinnest = 0, thickest = 0] = drawing.marks.widths;
    expect(WIDTHS.every((width) => width >= thinnest && width <= thickest)).toBe(true);
  });
});

describe("a signature", () => {
  it("fills a square with its longer side and keeps its shape", () => {
    const drawn = [
      [
        [100, 50],
        [300, 50],
      ],
      [
        [200, 40],
        [200, 90],
      ],
    ];
    const signature = signatureOf(drawn);
    expect(signature).toEqual([
      [
        [0, 0.05],
        [1, 0.05],
      ],
      [
        [0.5, 0],
        [0.5, 0.25],
      ],
    ]);
    const again = fittedLines(signature ?? [], 390, 600).flat();
    expect(Math.max(...again.map(([x = 0]) => x)) - Math.min(...again.map(([x = 0]) => x))).toBeCloseTo(312);
    expect(signatureOf(fittedLines(signature ?? [], 390, 600))).toEqual(signature);
  });

  it("is drawn again with many points, and is the same signature with few", () => {
    const corner = [
      [0, 0],
      [60, 0],
      [60, 30],
    ];
    const many = dense(corner);
    expect(many).toHaveLength(15 + 8 + 1);
    expect(coarsened(many, 400, 0.5)).toEqual(corner);
    expect(dense([[5, 5]])).toEqual([[5, 5]]);
  });

  it("is none without a stroke, and stays within what the server takes", () => {
    expect(signatureOf([])).toBeNull();
    const wild = Array.from({ length: drawing.signature.strokes + 50 }, (_, n) =>
      Array.from({ length: 40 }, (_, m) => [(m * 37 + n) % 390, (m * 53 + n) % 600]),
    );
    const signature = signatureOf(wild) ?? [];
    expect(signature).toHaveLength(drawing.signature.strokes);
    expect(signature.flat().length).toBeLessThanOrEqual(drawing.signature.points);
  });
});

type Piece = [number, number, number, number];

function pieces(line: Line): Piece[] {
  return line.slice(1).map(([x = 0, y = 0], at) => [...(line[at] as [number, number]), x, y]);
}

function away([ax, ay, bx, by]: Piece, x: number, y: number): number {
  const along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2 || 1);
  const at = Math.min(1, Math.max(0, along));
  return Math.hypot(x - ax - at * (bx - ax), y - ay - at * (by - ay));
}
