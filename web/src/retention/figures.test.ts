import { describe, expect, it } from "vitest";
import { makeI18n } from "@/kit/i18n";
import kit from "@/kit/words";
import { goes } from "./figures";
import { wrongReason } from "./reason";
import type { Plan } from "./types";
import words from "./words";

const { t, locale } = makeI18n({ retention: words, kit }).global;
const say = t as (key: string, named?: Record<string, unknown>) => string;
const plan = (more: Partial<Plan>) =>
  ({
    cutoff: "",
    rows: 0,
    files: 0,
    bytes: 0,
    held: 0,
    oldest: null,
    newest: null,
    whole: true,
    ...more,
  }) as Plan;
const size = (bytes: number) => `${bytes} B`;

describe("what a rule would remove, in words", () => {
  it("names rows, and files with their size", () => {
    locale.value = "zh";
    expect(goes(plan({}), say, size)).toBe("没有到期的");
    expect(goes(plan({ rows: 3 }), say, size)).toBe("3 条");
    expect(goes(plan({ rows: 3, files: 2, bytes: 70 }), say, size)).toBe("3 条，2 个文件，共 70 B");
    locale.value = "en";
    expect(goes(plan({ rows: 1, files: 1, bytes: 70 }), say, size)).toBe("1 row, 1 file, 70 B");
  });

  it("says so where not all was counted", () => {
    locale.value = "en";
    expect(goes(plan({ rows: 20_000, whole: false }), say, size)).toMatch(/^at least 20[,.]?000 rows$/);
  });
});

describe("the reason for a hold", () => {
  it("is there and not endless", () => {
    locale.value = "zh";
    expect(wrongReason("  ", say)).toBe("请填写理由。");
    expect(wrongReason(null, say)).toBe("请填写理由。");
    expect(wrongReason("案件 12", say)).toBe(true);
    expect(wrongReason("字".repeat(501), say)).toBe("理由不超过 500 字。");
  });
});
