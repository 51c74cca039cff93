/** How far exports are: how soon to look again, and how big they are. */
const SOON_MS = 2000;
const LATER_MS = 5000;
const LATEST_MS = 15_000;

export interface Standing {
  state: "queued" | "running" | "ready" | "failed";
  created_at: string;
}

export const underWay = ({ state }: Pick<Standing, "state">) => state === "queued" || state === "running";

/** When to ask again, ms; false where nothing is under way. What takes long is looked at more seldom. */
export function pause(rows: readonly Standing[], now: number): number | false {
  const ages = rows.filter(underWay).map((row) => now - Date.parse(row.created_at));
  if (!ages.length) return false;
  const youngest = Math.min(...ages);
  if (youngest < 60_000) return SOON_MS;
  return youngest < 600_000 ? LATER_MS : LATEST_MS;
}

/** 812 B, 3.4 KB, 12 MB, 1.2 GB. */
export function sized(bytes: number, language: string): string {
  const format = new Intl.NumberFormat(language === "en" ? "en-GB" : "zh-CN", { maximumFractionDigits: 1 });
  const units = ["B", "KB", "MB", "GB"];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)));
  return `${format.format(bytes / 1024 ** step)} ${units[step]}`;
}
