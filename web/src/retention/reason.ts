/** What a reason must be. */
type Say = (key: string) => string;
const LONGEST = 500;

/** True, or what is wrong with it. */
export function wrongReason(said: string | null, t: Say): true | string {
  const reason = said?.trim() ?? "";
  if (!reason) return t("retention.needReason");
  return reason.length <= LONGEST || t("retention.longReason");
}
