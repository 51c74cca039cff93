/** How wrong this phone's clock is, in words; null while it is not known or right enough. */
const TOLERATED_MS = 5 * 60_000;
const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** `ahead`: milliseconds by which the server is ahead of this phone. */
export function offBy(ahead: number | null, language: string): { slow: boolean; by: string } | null {
  if (ahead === null || Math.abs(ahead) < TOLERATED_MS) return null;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(ahead) >= size) ?? UNITS[2];
  const format = new Intl.NumberFormat(language === "en" ? "en-GB" : "zh-CN", {
    style: "unit",
    unit,
    unitDisplay: "long",
  });
  return { slow: ahead > 0, by: format.format(Math.round(Math.abs(ahead) / size)) };
}
