/** What stands against an after-photo, in words. Each is said once, however many photos it is true of. */
import type { Doubt } from "@/kit/db";

type Speak = (key: string, values?: Record<string, string | number>) => string;

export function doubtWords(
  doubts: { code?: string; numbers?: Record<string, number> }[],
  t: Speak,
): string[] {
  return [...new Set(doubts.map((doubt) => words(doubt, t)).filter(Boolean))];
}

function words({ code, numbers = {} }: Partial<Pick<Doubt, "code" | "numbers">>, t: Speak): string {
  switch (code) {
    case "after-photo-early":
      return t(numbers.rejection ? "doubts.earlyAgain" : "doubts.early", {
        time: inTime(numbers.minutes ?? 0, t),
      });
    case "after-photo-far":
      return t("doubts.far", { n: numbers.distance_m ?? 0, allowed: numbers.allowed_m ?? 0 });
    case "after-photo-no-position":
      return t("doubts.noPosition");
    case "after-photo-no-time":
      return t("doubts.noTime");
    default:
      return "";
  }
}

/** 25 minutes, 3 hours, 2 days: as exact as anybody needs it. */
function inTime(minutes: number, t: Speak): string {
  if (minutes < 60) return t("doubts.minutes", { n: Math.max(1, minutes) });
  if (minutes < 48 * 60) return t("doubts.hours", { n: Math.round(minutes / 60) });
  return t("doubts.days", { n: Math.round(minutes / 1440) });
}
