/** Numbers as people type them on Chinese and English keyboards. */

/** The number, the text as it stands where it is none, null where nothing is typed. */
export function readNumber(typed: string): number | string | null {
  const text = typed.normalize("NFKC").replaceAll("。", ".").replaceAll("−", "-").trim();
  if (text === "") return null;
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : typed;
}
