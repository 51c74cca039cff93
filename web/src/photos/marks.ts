/** Marks on a photo: vectors beside it in the report, so that the photo itself stays to the letter what it was. */
import type { Mark } from "@/kit/db";
import { asParts, coarsened, type Line } from "./strokes";

// What the server takes of one photo (server/reports/drawing.py).
const STROKES = 50;
const POINTS = 2000;
const LONGEST = 400; // points of one stroke, so that one scribble does not use up all
const OFF = 0.7; // pixels of the screen by which a stroke may look different

export const COLOURS = { red: "#e53935", yellow: "#ffd600" } as const;
export const WIDTHS = [0.006, 0.014] as const; // of the photo's width

/** Where a photo of this size lies in a box into which it is fitted whole. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export function fittedIn(box: Box, width: number, height: number): Box {
  const scale = Math.min(box.width / width, box.height / height);
  const [w, h] = [width * scale, height * scale];
  return { left: box.left + (box.width - w) / 2, top: box.top + (box.height - h) / 2, width: w, height: h };
}

const pointsOf = (marks: Mark[]) => marks.reduce((sum, mark) => sum + mark.points.length, 0);

export function isFull(marks: Mark[]): boolean {
  return marks.length >= STROKES || pointsOf(marks) >= POINTS;
}

/** The marks with one more, drawn as `line` on the screen over a photo that lies at `over`. */
export function withStroke(marks: Mark[], line: Line, over: Box, pen: Omit<Mark, "points">): Mark[] {
  if (isFull(marks) || !line.length) return marks;
  const few = coarsened(line, Math.min(LONGEST, POINTS - pointsOf(marks)), OFF);
  return [...marks, { ...pen, points: asParts(few, over.left, over.top, over.width, over.height) }];
}

/** How large a picture that was loaded is, upright. */
export function sizeOf(event: Event): { width: number; height: number } {
  const { naturalWidth: width, naturalHeight: height } = event.target as HTMLImageElement;
  return { width, height };
}
