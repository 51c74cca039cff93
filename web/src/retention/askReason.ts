/** A reason that must be given, asked for in a box. */
import { ElMessageBox } from "element-plus";
import "element-plus/es/components/message-box/style/css";

type Say = (key: string) => string;
const LONGEST = 500;

/** What was typed; null where it was called off. */
export async function askReason(t: Say, what: "lay" | "lift"): Promise<string | null> {
  const answer = await ElMessageBox.prompt(t(`retention.${what}Lead`), t(`retention.${what}`), {
    confirmButtonText: t(`retention.${what}`),
    cancelButtonText: t("kit.cancel"),
    inputPlaceholder: t("retention.reason"),
    inputType: "textarea",
    inputValidator: (said: string) => wrongReason(said, t),
  }).catch(() => null);
  return answer ? String(answer.value).trim() : null;
}

/** True, or what is wrong with it. */
export function wrongReason(said: string | null, t: Say): true | string {
  const reason = said?.trim() ?? "";
  if (!reason) return t("retention.needReason");
  return reason.length <= LONGEST || t("retention.longReason");
}
