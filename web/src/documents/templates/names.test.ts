import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { GROUPS, WEEKLY } from "./names";
import { inUse, type Template, unfit } from "./templates";

function listedIn(section: string): string[] {
  const docs = readFileSync(`${import.meta.dirname}/../../../../docs/operating.md`, "utf8");
  const table = docs.split(`## ${section}`)[1]?.split("\n## ")[0] ?? "";
  const rows = table.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| of"));
  return rows.flatMap((row) =>
    [...(row.split("|")[2] ?? "").matchAll(/`([\w.]+)`/g)].map((one) => String(one[1])),
  );
}

test.each([
  [
    "Papers and their templates",
    GROUPS,
    ["issue.", "issue.reply.", "issue.verification.", "pair.", "pair.after.", "row."],
    60,
  ],
  ["The template of the weekly report", WEEKLY, ["t1.", "case.", "charts.f1."], 30],
] as const)(
  "every name that docs/operating.md lists under %s is explained here",
  (section, groups, of, least) => {
    const listed = listedIn(section);
    expect(listed.length).toBeGreaterThan(least);
    const names = groups.flatMap((group) => group.names.map(([name]) => name));
    const known = new Set<string>(names);
    expect(listed.filter((name) => !known.has(name) && !of.some((part) => known.has(part + name)))).toEqual(
      [],
    );
    expect(known.size).toBe(names.length);
  },
);

test("what is no template is told before it is sent", () => {
  expect(unfit({ name: "通知单.DOCX", size: 20_000 })).toBe("");
  expect(unfit({ name: "通知单.doc", size: 20_000 })).toBe("notDocx");
  expect(unfit({ name: "通知单.docx", size: 0 })).toBe("isEmpty");
  expect(unfit({ name: "通知单.docx", size: 5 * 1024 * 1024 + 1 })).toBe("tooLarge");
});

test("the version in force is the office's own, or none", () => {
  const row = (version: number, sha256: string | null) => ({
    version,
    sha256,
    size: 1,
    changed_by: null,
    changed_at: "",
  });
  const template = {
    kind: "handover_list",
    title: "",
    lang: "zh",
    version: 2,
    versions: [row(2, "b"), row(1, "a")],
  };
  expect(inUse(template as Template)?.version).toBe(2);
  expect(
    inUse({ ...template, version: null, versions: [row(3, null), ...template.versions] } as Template),
  ).toBeNull();
});
