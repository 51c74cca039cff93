import { describe, expect, it } from "vitest";
import { makeI18n } from "@/kit/i18n";
import { details, happened, isWrong, type Step } from "./steps";
import words from "./words";

const { t, locale } = makeI18n({ custody: words }).global;
locale.value = "zh";
const say = t as (key: string, named?: Record<string, unknown>) => string;
const BARE = {
  at: "2026-11-20T01:15:00+00:00",
  phone_at: null,
  last_at: null,
  by: null,
  by_other: false,
  sha256: null,
  size: null,
  same: null,
  of: null,
  number: null,
  revision: null,
  event: null,
};
const step = (kind: Step["kind"], more: Partial<Step> = {}) => ({ ...BARE, kind, ...more }) as Step;

describe("a step of a chain in words", () => {
  it("says what a phone named, when by its own clock, and where", () => {
    const named = step("named", {
      phone_at: "2026-11-20T04:01:03+00:00",
      number: "R-1",
      revision: 2,
      same: true,
    });
    expect(happened(named, say)).toBe("手机报出校验值");
    expect(details(named, say, "zh")).toEqual(["手机时间 2026/11/20 12:01", "R-1 第 2 版"]);
    expect(isWrong(named)).toBe(false);
    expect(details(step("named", { same: false }), say, "zh")).toEqual(["与现在保存的原件不同"]);
    expect(isWrong(step("named", { same: false }))).toBe(true);
  });

  it("says of an opening whether the trail has it yet", () => {
    expect(details(step("opened"), say, "zh")).toEqual(["几分钟后写入操作记录"]);
    const until = { last_at: "2026-11-20T02:00:00+00:00", event: 7 };
    expect(details(step("package", until), say, "zh")).toEqual(["至 2026/11/20 10:00", "操作记录第 7 条"]);
    expect(details(step("received"), say, "zh")).toEqual([]);
  });

  it("says what a check found", () => {
    expect(happened(step("checked", { same: true }), say)).toBe("重新核验：与入库时一致");
    const lost = step("checked", { same: false, of: "missing" });
    expect(happened(lost, say)).toBe("重新核验：原件缺失");
    expect(isWrong(lost)).toBe(true);
  });
});
