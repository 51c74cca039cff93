/** What filters are put into words with. */
import { computed, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import { useChecklists, useDistricts } from "@/desk/queries";
import { useFirms } from "@/issues/useFirms";
import type { Say } from "./filters";
import { useSiteNames } from "./useExports";

export function useSay(sites: Ref<string[]>) {
  const { t, locale } = useI18n();
  const { districtName } = useDistricts();
  const { checklistName } = useChecklists();
  const { firms, firmName } = useFirms();
  const siteName = useSiteNames(sites);
  return computed<Say>(() => ({
    language: locale.value,
    t: (key, named) => t(key, named ?? {}),
    district: districtName,
    checklist: checklistName,
    firm: (id) => (firms.value.length ? firmName(id) : t("exports.one_firm")),
    site: (id) => siteName(id) ?? t("exports.one_site"),
  }));
}
