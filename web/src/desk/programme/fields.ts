/** A site's fields and their values as the import and the changes name them, in the person's words. */
import { useI18n } from "vue-i18n";
import { money } from "@/desk/numbers";

export function useFields() {
  const { t, te, locale } = useI18n();
  const word = (name: string) => (te(`programme.field_${name}`) ? t(`programme.field_${name}`) : name);

  /** `stage`, or `lift.planned` and `work_items.lift.planned` of one kind of work. */
  function fieldName(field: string): string {
    const [kind = "", name] = field.replace(/^work_items\./, "").split(".");
    return name && te(`names.work_${kind}`) ? `${t(`names.work_${kind}`)} · ${word(name)}` : word(field);
  }

  function fieldValue(field: string, value: unknown): string {
    if (value === null || value === undefined || value === "") return "—";
    if (typeof value === "boolean") return t(value ? "names.yes" : "names.no");
    if (field.endsWith("stage")) return t(`names.stage_${value}`);
    if (field.endsWith("_yuan")) return money(value as string, locale.value);
    if (typeof value !== "object") return String(value);
    const { lat, lng, radius_m } = value as { lat?: number; lng?: number; radius_m?: number };
    if (lat !== undefined) return `${lat}, ${lng}`;
    return radius_m !== undefined ? t("programme.radius", { m: radius_m }) : t("programme.polygon");
  }
  return { fieldName, fieldValue };
}
