import { beforeEach, describe, expect, it } from "vitest";
import { forgetReturn, itemsOf, keepReturn, recallReturn } from "./drafts";

describe("comments that are being written", () => {
  beforeEach(() => localStorage.clear());

  it("are kept apart by person and report, and gone only when told", () => {
    keepReturn("p1", "r1", { comment: "看不清", items: { A: "补拍" } });
    expect(recallReturn("p1", "r1")).toEqual({ comment: "看不清", items: { A: "补拍" } });
    expect(recallReturn("p2", "r1").comment).toBe("");
    forgetReturn("p1", "r1");
    expect(recallReturn("p1", "r1").items).toEqual({});
  });

  it("leave nothing behind when emptied", () => {
    keepReturn("p1", "r1", { comment: "x", items: {} });
    keepReturn("p1", "r1", { comment: " ", items: { A: " " } });
    expect(localStorage.length).toBe(0);
  });

  it("go out without those that say nothing", () => {
    expect(itemsOf({ comment: "", items: { A: " 补拍 ", B: "  " } })).toEqual([
      { item: "A", comment: "补拍" },
    ]);
  });
});
