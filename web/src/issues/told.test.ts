import { describe, expect, it } from "vitest";
import { RefusedError } from "@/kit/api";
import type { Issue } from "@/kit/db";
import { doubtsIn, isStale } from "./sending";
import { daysInWords, doubtInWords, linesOf } from "./told";
import words from "./words";

/** Speaks as the page does. */
const say = (key: string, values: Record<string, unknown> = {}) => {
  const text = { ...words.zh, colon: "：" }[key.split(".")[1] as keyof typeof words.zh] ?? "";
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
};

it("says how many days are left, and how many it is late", () => {
  const told = (days_left: number | null, overdue = false) => daysInWords({ days_left, overdue }, say);
  expect([told(3), told(0), told(-2, true), told(-2), told(null)]).toEqual([
    "还剩 3 天",
    "今天到期",
    "超期 2 天",
    "已过期限 2 天",
    "",
  ]);
});

describe("doubts", () => {
  const issue = { photos: { before: [], after: [{ id: "a" }, { id: "b" }] } } as unknown as Issue;
  const told = (code: string, numbers: Record<string, number> = {}, photo = "b") =>
    doubtInWords({ code, photo, numbers }, issue, say);

  it("name the photo and say what is wrong with it", () => {
    expect(told("after-photo-early", { minutes: 185 })).toBe("整改后照片 2：拍摄时间比通知下发早 3 小时");
    expect(told("after-photo-early", { minutes: 185, rejection: 1 })).toBe(
      "整改后照片 2：拍摄时间比上次复查退回早 3 小时",
    );
    expect(told("after-photo-far", { distance_m: 812, allowed_m: 150 })).toBe(
      "整改后照片 2：拍摄位置距小区 812 米，超出允许的 150 米",
    );
    expect(told("after-photo-no-time", {}, "unknown")).toBe("照片：没有拍摄时间");
  });

  it("that these words do not know are told by their code", () => {
    expect(told("after-photo-new")).toBe("整改后照片 2：after-photo-new");
  });

  it("come with the refusal", () => {
    const doubts = [{ code: "after-photo-far", photo: "a", numbers: {} }];
    expect(doubtsIn(new RefusedError(422, "reason-missing", "", {}, null, { doubts }))).toEqual(doubts);
    expect(doubtsIn(new RefusedError(422, "invalid", ""))).toEqual([]);
    expect(isStale(new RefusedError(409, "issue-changed", ""))).toBe(true);
    expect(isStale(new RefusedError(409, "contractor-missing", ""))).toBe(false);
  });
});

it("tells what was changed, a firm by its name, and leaves out what only the trail needs", () => {
  const step = {
    facts: {
      entry: "x",
      comment: "请改",
      changed: { due_on: ["2026-12-01", "2026-12-03"], contractor_id: [null, "f1"] },
    },
  } as unknown as Issue["history"][number];
  expect(
    linesOf(
      step,
      () => "",
      "en",
      (id) => (id === "f1" ? "Firm" : id),
    ),
  ).toEqual([
    ["comment", "请改"],
    ["due_on", "1 Dec 2026 → 3 Dec 2026"],
    ["contractor_id", "— → Firm"],
  ]);
});

it("has the same verbs in the history and in the trail, in both languages", async () => {
  const { default: trail } = await import("@/audit/words");
  const verbs = Object.keys(words.zh).filter((key) => key.startsWith("verb_"));
  expect(verbs.length).toBe(27);
  for (const verb of verbs) expect(Object.keys(trail.en)).toContain(verb.replace("verb_", "verb_issue_"));
});
