import { describe, expect, it } from "vitest";
import {
  bodyOf,
  type Field,
  fieldOf,
  numberWith,
  parse,
  SECTIONS,
  typedOf,
  valueAt,
  wordOf,
} from "./policyFields";
import words from "./policyWords";

const all = SECTIONS.flatMap(({ fields }) => fields);
const field = (path: string) => fieldOf(path) as Field;

describe("what is typed into a setting", () => {
  it.each([
    ["due_days.minor", "7", 7],
    ["due_days.minor", " ７ ", 7],
    ["due_days.minor", "0", 0],
    ["due_days.minor", "366", null],
    ["due_days.minor", "", null],
    ["due_days.minor", "3.5", null],
    ["due_days.minor", "-1", null],
    ["escalation_days", "1、3，7", [1, 3, 7]],
    ["escalation_days", "1 3 7", [1, 3, 7]],
    ["escalation_days", "", []],
    ["escalation_days", "3, 1", null],
    ["escalation_days", "1, 1", null],
    ["escalation_days", "1,2,3,4,5,6", null],
    ["signer", "  张三 ", "张三"],
    ["signer", "签".repeat(61), null],
    ["signer", "", ""],
  ])("%s: %j is %j", (path, typed, value) => {
    expect(parse(field(path), typed)).toEqual(value);
  });

  it("is shown as it can be typed again", () => {
    expect(parse(field("escalation_days"), typedOf([1, 3, 7], ", "))).toEqual([1, 3, 7]);
    expect(parse(field("stale_days"), typedOf(21, "、"))).toBe(21);
  });
});

describe("what is sent", () => {
  it("is what was edited, and the version that was seen", () => {
    const edits = { "due_days.minor": 5, "due_days.major": null, signer: "张三", residents_asked: true };
    expect(bodyOf(edits, 3)).toEqual({
      version: 3,
      due_days: { minor: 5, major: null },
      signer: "张三",
      residents_asked: true,
    });
  });

  it("is read from the same places", () => {
    expect(valueAt({ due_days: { minor: 7 }, signer: "" }, "due_days.minor")).toBe(7);
    expect(numberWith("并建督改", 2026)).toBe("并建督改〔2026〕12号");
  });
});

it("every setting and section has its words", () => {
  for (const { path } of all) {
    expect(words.zh, path).toHaveProperty(`field_${wordOf(path)}`);
    if (!path.startsWith("number_prefixes")) expect(words.zh, path).toHaveProperty(`hint_${wordOf(path)}`);
  }
  for (const { name } of SECTIONS) expect(words.zh).toHaveProperty(`section_${name}`);
  expect(new Set(all.map(({ path }) => path)).size).toBe(all.length);
});
