import { useI18n } from "vue-i18n";
import type { Notice } from "./sending";

/** Says in one line what was issued. */
export function useNoticeTold() {
  const { t, locale } = useI18n();
  return (notice: Notice): string => {
    const lines = [t("issues.done_notice", { number: notice.number, n: notice.issue_ids.length })];
    if (notice.stop_work) lines.push(t("issues.done_stop", { number: notice.stop_work.number }));
    return lines.join(locale.value === "en" ? " " : "");
  };
}
