import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Item } from "@/kit/db";
import { checkValue, judge, type Limit, photosRequired } from "./judge";
import { limitText } from "./limits";

// What the server's own rules say of these values, for every item of the published templates (tests/shared_with_web.py):
// [value, the site's limit, complaint, verdict, needs a photo]. "LONG" stands for a text of 4001 characters.
type Case = [unknown, Limit | null, string | null, string | null, boolean | null];
const walked = JSON.parse(readFileSync(`${__dirname}/fixtures/verdicts.json`, "utf8")) as {
  item: Item;
  cases: Case[];
}[];

test("all items of the templates are judged as the server judges them", () => {
  let seen = 0;
  for (const { item, cases } of walked) {
    for (const [given, limit, complaint, verdict, photo] of cases) {
      const value = given === "LONG" ? "字".repeat(4001) : given;
      const what = `${item.code} = ${JSON.stringify(given)}`;
      expect(checkValue(item, value), what).toBe(complaint);
      if (verdict !== null) {
        expect(judge(item, value, limit), what).toBe(verdict);
        expect(photosRequired(item, judge(item, value, limit)), what).toBe(photo);
      }
      seen += 1;
    }
  }
  expect(walked.length).toBeGreaterThan(200);
  expect(seen).toBeGreaterThan(1000);
});

const number: Item = { code: "X", zh: "", en: "", type: "number", severity: "minor", photo: "none" };

test("what is no number is not judged as one", () => {
  expect(checkValue(number, Number.NaN)).toBe("value-not-a-number");
  expect(checkValue(number, true)).toBe("value-not-a-number");
  expect(checkValue(number, null)).toBe("value-not-a-number");
});

test("a text is as long as its characters", () => {
  expect(checkValue({ ...number, type: "text" }, "𠮷".repeat(4000))).toBeNull();
  expect(checkValue({ ...number, type: "text" }, "𠮷".repeat(4001))).toBe("value-too-long");
});

test("the limit is shown that the verdict goes by", () => {
  expect(limitText({ ...number, min: 1.1 })).toBe("≥ 1.1");
  expect(limitText({ ...number, min: 3, max: 5 })).toBe("3 – 5");
  expect(limitText({ ...number, max: 5, limit_source: "design" })).toBe("");
  expect(limitText({ ...number, max: 5, limit_source: "design" }, { min: null, max: 2 })).toBe("≤ 2");
});
