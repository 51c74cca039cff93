import { session } from "@/accounts/session";
import type { ImportResult } from "@/desk/types";
import { patientFetch, refusal } from "@/kit/api";
import { preferred } from "@/kit/i18n";

/** Have a table of sites checked, or written. */
export const sendTable = (blob: Blob, name: string, dryRun: boolean) =>
  postTable<ImportResult>(`/api/v1/sites/import?dry_run=${dryRun}`, blob, name);

/** A table as a form, so that the server sees the file's name and kind. */
export async function postTable<T>(address: string, blob: Blob, name: string): Promise<T> {
  const body = new FormData();
  body.append("file", blob, name);
  const headers = {
    Authorization: `Bearer ${session.value?.access_token}`,
    "Accept-Language": preferred() === "zh" ? "zh-CN" : "en",
  };
  const answer = await patientFetch(new Request(address, { method: "POST", headers, body }));
  const said = await answer.json().catch(() => null);
  if (!answer.ok) throw refusal(said, answer);
  return said as T;
}
