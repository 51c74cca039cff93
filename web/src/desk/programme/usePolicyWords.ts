/** A setting's name and values in the person's words. */
import { useI18n } from "vue-i18n";
import { fieldOf, type Value, wordOf } from "./policyFields";

export function usePolicyWords() {
  const { t, te, locale } = useI18n();
  const gap = () => (locale.value === "en" ? " " : "");

  function name(path: string): string {
    const key = `policy.field_${wordOf(path)}`;
    return te(key) ? t(key) : path;
  }

  /** A value as it reads in a sentence: 7天, 7 days, 自然日, （空）. */
  function said(path: string, value: Value): string {
    const unit = fieldOf(path)?.unit;
    if (typeof value === "boolean") return t(value ? "policy.on" : "policy.off");
    if (path === "due_day_kind") return t(`policy.${value}`);
    if (value === "" || (Array.isArray(value) && !value.length)) return t("policy.nothing");
    const text = Array.isArray(value) ? value.join(t("desk.comma")) : String(value);
    if (!unit) return text;
    return `${text}${unit === "percent" ? "" : gap()}${t(`policy.unit_${unit}`)}`;
  }
  return { name, said };
}
