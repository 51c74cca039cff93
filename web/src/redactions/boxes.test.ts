import { describe, expect, it } from "vitest";
import { another, drawn, LEAST, moved, pointAt, resized, styleOf } from "./boxes";

const box = { x: 0.2, y: 0.3, w: 0.4, h: 0.5 };

describe("drawing a box", () => {
  it("gives the same box from every corner", () => {
    const [a, b] = [
      { x: 0.1, y: 0.2 },
      { x: 0.5, y: 0.4 },
    ];
    const corners = [drawn(a, b), drawn(b, a), drawn({ x: 0.1, y: 0.4 }, { x: 0.5, y: 0.2 })];
    for (const one of corners) expect(one).toEqual({ x: 0.1, y: 0.2, w: 0.4, h: 0.2 });
  });

  it("ends at the edge of the picture", () => {
    expect(drawn({ x: 0.9, y: 0.9 }, { x: 1.7, y: -3 })).toEqual({ x: 0.9, y: 0, w: 0.1, h: 0.9 });
  });

  it("is nothing where the pointer hardly moved", () => {
    expect(drawn({ x: 0.5, y: 0.5 }, { x: 0.5 + LEAST / 2, y: 0.9 })).toBeNull();
  });
});

describe("changing a box", () => {
  it("moves within the picture", () => {
    expect(moved(box, 0.1, -0.1)).toEqual({ ...box, x: 0.3, y: 0.2 });
    expect(moved(box, 9, 9)).toEqual({ ...box, x: 0.6, y: 0.5 });
    expect(moved(box, -9, -9)).toEqual({ ...box, x: 0, y: 0 });
  });

  it("keeps an extent and ends at the edge", () => {
    expect(resized(box, 9, 9)).toEqual({ ...box, w: 0.8, h: 0.7 });
    expect(resized(box, -9, -9)).toEqual({ ...box, w: LEAST, h: LEAST });
  });

  it("never goes over the edge by arithmetic", () => {
    let one = { x: 0.1, y: 0.7, w: 0.2, h: 0.1 };
    for (let turn = 0; turn < 200; turn++) one = resized(moved(one, 0.013, 0.007), 0.003, 0.001);
    expect(one.x + one.w).toBeLessThanOrEqual(1);
    expect(one.y + one.h).toBeLessThanOrEqual(1);
  });
});

it("a box without a pointer lies within, each beside the last", () => {
  for (let count = 0; count < 50; count++) {
    const one = another(count);
    expect(one.x + one.w).toBeLessThanOrEqual(1);
  }
  expect(another(0)).not.toEqual(another(1));
});

it("knows where the pointer is, and where a box lies", () => {
  const edge = { left: 100, top: 50, width: 200, height: 100 } as DOMRect;
  expect(pointAt({ clientX: 200, clientY: 75 }, edge)).toEqual({ x: 0.5, y: 0.25 });
  expect(styleOf(box)).toEqual({ left: "20%", top: "30%", width: "40%", height: "50%" });
});
