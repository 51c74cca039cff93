/** A problem in words: what happened, and what to do. */
import { useI18n } from "vue-i18n";
import type { Problem } from "@/kit/db";

export function useExplained(): (problem: Problem) => { why: string; what: string } {
  const { t, te } = useI18n();
  const known = (key: string) => (te(`outbox.${key}`) ? t(`outbox.${key}`) : "");
  return ({ code, text }) => {
    const family = code.startsWith("http-") ? "strange-answer" : code;
    const why = known(`why-${family}`);
    // Our own words first; the server's name the item.
    return { why: [...new Set([why, text])].filter(Boolean).join("\n") || code, what: known(`do-${family}`) };
  };
}
