/** Numbers as an office reads them: 31.65 亿元, 343 万元; in English with thousands separators. */
const locale = (language: string) => (language === "en" ? "en-GB" : "zh-CN");

export function count(value: number, language: string): string {
  return new Intl.NumberFormat(locale(language), { maximumFractionDigits: 1 }).format(value);
}

/** Yuan come as text or number; shown in 亿元, 万元 or yuan (bn, m yuan), whichever reads best. */
export function money(yuan: number | string, language: string): string {
  const value = Number(yuan);
  const [size, unit] = language === "en" ? western(value) : chinese(value);
  const digits = size === 1 ? 0 : 2;
  return `${new Intl.NumberFormat(locale(language), { maximumFractionDigits: digits }).format(value / size)} ${unit}`;
}

function chinese(value: number): [number, string] {
  if (Math.abs(value) >= 1e8) return [1e8, "亿元"];
  return Math.abs(value) >= 1e4 ? [1e4, "万元"] : [1, "元"];
}

function western(value: number): [number, string] {
  if (Math.abs(value) >= 1e9) return [1e9, "bn yuan"];
  return Math.abs(value) >= 1e6 ? [1e6, "m yuan"] : [1, "yuan"];
}

/** Part of a whole in per cent with one decimal; a dash where there is no whole. */
export function percent(part: number, whole: number, language: string): string {
  if (!whole) return "—";
  return `${new Intl.NumberFormat(locale(language), { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format((100 * part) / whole)}%`;
}
