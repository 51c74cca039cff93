/** A reason comes as `zh / en`; what a machine said of it stands behind one half only, and belongs to both. */
import { type Language, preferred } from "@/kit/i18n";

export function wholeReason(message: string, language: Language = preferred()): string {
  const [zh, ...more] = message.split(" / ");
  if (!more.length || zh === undefined) return message;
  const en = more.join(" / ");
  const toldZh = parted(zh, "：");
  const toldEn = parted(en, ": ");
  if (toldZh.detail && toldEn.detail) return language === "zh" ? zh : en;
  const detail = toldZh.detail || toldEn.detail;
  if (!detail) return language === "zh" ? zh : en;
  const inner = wholeReason(detail, language);
  return language === "zh" ? `${toldZh.what}：${inner}` : `${toldEn.what}: ${inner}`;
}

function parted(text: string, colon: string): { what: string; detail: string } {
  const at = text.indexOf(colon);
  return at < 0
    ? { what: text, detail: "" }
    : { what: text.slice(0, at), detail: text.slice(at + colon.length) };
}
