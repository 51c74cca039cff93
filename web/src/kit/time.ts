/** Moments and days as people here read them: Asia/Shanghai, whatever the phone's own zone says. */
const ZONE = "Asia/Shanghai";

const locale = (language: string) => (language === "en" ? "en-GB" : "zh-CN");

export function day(moment: string | Date, language: string): string {
  return new Intl.DateTimeFormat(locale(language), { dateStyle: "medium", timeZone: ZONE }).format(
    new Date(moment),
  );
}

export function minute(moment: string | Date, language: string): string {
  return new Intl.DateTimeFormat(locale(language), {
    timeZone: ZONE,
    year: "numeric",
    month: language === "en" ? "short" : "2-digit", // 26/11 is a day to some and nonsense to others
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
  }).format(new Date(moment));
}

/** The day of a moment, YYYY-MM-DD. */
export function today(moment = new Date()): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE }).format(moment);
}

export function now(): string {
  return new Date().toISOString();
}

/** How long ago, roughly: 3 分钟前, 2 days ago. */
export function ago(moment: string | Date, language: string, from = Date.now()): string {
  const seconds = Math.round((new Date(moment).getTime() - from) / 1000);
  const format = new Intl.RelativeTimeFormat(locale(language), { numeric: "auto" });
  for (const [unit, size] of [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ] as const) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(0, "minute");
}
