import { expect, test } from "vitest";
import { wellFormed } from "./wellFormed";

test("half a character becomes the sign for one that cannot be shown; whole ones stay, however rare", () => {
  const body = { note: "😀 𬭎 a\ud83d b\ude00", answers: [{ note: "\ud83d", value: 1.5 }], none: null };
  expect(wellFormed(body)).toEqual({
    note: "😀 𬭎 a\ufffd b\ufffd",
    answers: [{ note: "\ufffd", value: 1.5 }],
    none: null,
  });
});
