import { session } from "@/accounts/session";
import type { ImportResult } from "@/desk/types";
import { patientFetch, refusal } from "@/kit/api";
import { preferred } from "@/kit/i18n";

/** Have a table of sites checked, or written. A form, so that the server sees the file's name and kind. */
export async function sendTable(blob: Blob, name: string, dryRun: boolean): Promise<ImportResult> {
  const body = new FormData();
  body.append("file", blob, name);
  const headers = {
    Authorization: `Bearer ${session.value?.access_token}`,
    "Accept-Language": preferred() === "zh" ? "zh-CN" : "en",
  };
  const answer = await patientFetch(
    new Request(`/api/v1/sites/import?dry_run=${dryRun}`, { method: "POST", headers, body }),
  );
  const said = await answer.json().catch(() => null);
  if (!answer.ok) throw refusal(said, answer);
  return said as ImportResult;
}
