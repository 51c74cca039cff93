/** Messages of fields come in both languages: `ITEM: zh / en`. */
import { preferred } from "@/kit/i18n";

export function inLanguage(message: string): string {
  const parts = /^((?:[^:/]+: )?)(.*) \/ (.*)$/.exec(message);
  return parts ? `${parts[1]}${preferred() === "zh" ? parts[2] : parts[3]}` : message;
}
