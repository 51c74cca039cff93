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

it("says a flag and its numbers as the reviewer reads them", () => {
  const words: Record<string, string> = {
    "names.flag_from_gallery": "来自相册",
    "flags.n_chosen": "选自相册",
    "audit.fact_chosen": "抽中",
    "desk.comma": "、",
  };
  const facts = { flag: "from-gallery", numbers: { chosen: 4, odd: 1 } };
  expect(factsOf(facts, (key) => words[key] ?? "")).toEqual([
    ["flag", "来自相册"],
    ["numbers", "选自相册 4、odd 1"],
  ]);
});

it("names a few of the photos that went out, and not their sums", () => {
  const photos = ["a", "b", "c", "d", "e"].map((id) => ({ id, sha256: "00", at: "2026-11-20" }));
  expect(factsOf({ photos: photos.slice(0, 2) }, say)).toEqual([["photos", "a、b"]]);
  expect(factsOf({ photos }, say)).toEqual([["photos", "a、b、c、d、…"]]);
});
