import { expect, it } from "vitest";
import type { Issue } from "@/kit/db";
import { keyOf, roundsOf } from "./pairs";

const photos = (...ids: string[]) => ids.map((id) => ({ id })) as Issue["photos"]["before"];
const issue = (before: string[], after: string[], pairs: [number, string | null, string][]) => ({
  photos: { before: photos(...before), after: photos(...after) },
  pairs: pairs.map(([round, one, other]) => ({ round, before: one, after: other })),
});
const told = (...of: Parameters<typeof issue>) =>
  roundsOf(issue(...of)).map(({ round, couples }) => [round, couples.map(keyOf)]);

it("shows the newest round first, and last what nobody paired", () => {
  expect(
    told(
      ["b1", "b2"],
      ["a1", "a2", "a3"],
      [
        [1, "b1", "a1"],
        [2, "b1", "a2"],
      ],
    ),
  ).toEqual([
    [2, ["b1/a2"]],
    [1, ["b1/a1"]],
    [null, ["b2/", "/a3"]],
  ]);
});

it("keeps an after-photo whose before nobody named", () => {
  expect(told(["b1"], ["a1"], [[1, null, "a1"]])).toEqual([
    [1, ["/a1"]],
    [null, ["b1/"]],
  ]);
});

it("has nothing to show where there is no photo", () => {
  expect(told([], [], [])).toEqual([]);
});
