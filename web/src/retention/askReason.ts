/** A reason that must be given, asked for in a box. */
import { ElMessageBox } from "element-plus";
import "element-plus/es/components/message-box/style/css";
import { wrongReason } from "./reason";

type Say = (key: string) => string;

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
