import { expect, it } from "vitest";
import { factsOf } from "./facts";

const WORDS: Record<string, string> = {
  "desk.comma": "、",
  "audit.fact_decision": "决定",
  "names.decision_approve": "通过",
  "names.role_admin": "管理员",
};
const say = (key: string) => WORDS[key] ?? "";

it("says facts in the person's words, and the server's own where there are none", () => {
  const facts = {
    decision: "approve",
    roles: ["admin", "other"],
    new_fact: { a: 1, decision: "approve" },
    comment: null,
    items: [],
    empty: "",
  };
  expect(factsOf(facts, say)).toEqual([
    ["决定", "通过"],
    ["roles", "管理员、other"],
    ["new_fact", "a 1、决定 通过"],
  ]);
});

it("names a few of the photos that went out, and not their sums", () => {
  const photos = ["a", "b", "c", "d", "e"].map((id) => ({ id, sha256: "00", at: "2026-11-20" }));
  expect(factsOf({ photos: photos.slice(0, 2) }, say)).toEqual([["photos", "a、b"]]);
  expect(factsOf({ photos }, say)).toEqual([["photos", "a、b、c、d、…"]]);
});
