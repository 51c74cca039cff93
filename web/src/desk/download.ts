/** A file from the server into the person's downloads, signed by the header and under the name that the server gives. */
import { session } from "@/accounts/session";
import { patientFetch, refusal } from "@/kit/api";
import { preferred } from "@/kit/i18n";

export async function download(address: string, fallbackName: string): Promise<void> {
  const headers = {
    Authorization: `Bearer ${session.value?.access_token}`,
    "Accept-Language": preferred() === "zh" ? "zh-CN" : "en",
  };
  const answer = await patientFetch(new Request(address, { headers }));
  if (!answer.ok) throw refusal(await answer.json().catch(() => null), answer);
  await keep(answer, fallbackName);
}

/** An answer that is a file, into the person's downloads. */
export async function keep(answer: Response, fallbackName: string): Promise<void> {
  const url = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = nameIn(answer.headers.get("Content-Disposition")) ?? fallbackName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser reads it after the click
}

/** An address that the browser fetches by itself, so that what is big is not held by the page and can be resumed. */
export function follow(address: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = "";
  link.click();
}

/** The name in a Content-Disposition (RFC 6266); the UTF-8 one wins. */
export function nameIn(header: string | null): string | null {
  const extended = header?.match(/filename\*=UTF-8''([^;]+)/i)?.[1];
  if (extended) return decodeURIComponent(extended);
  return header?.match(/filename="([^"]+)"/i)?.[1] ?? null;
}
