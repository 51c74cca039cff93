/** How much room this page has on the phone, and whether the browser may clear it. */
import { keep, recall } from "@/kit/db";
import { isFull } from "@/photos/take";

const ASKED = "outbox.persistAsked";

export interface Room {
  used: number | null;
  quota: number | null;
  persisted: boolean | null; // null: this browser does not say
}

/** Ask the browser once not to clear what is kept here; some ask the person, so it is done when it matters. */
export async function askToPersist(): Promise<void> {
  if (!navigator.storage?.persist || (await recall(ASKED))) return;
  await asRoomAllows(keep(ASKED, true), undefined);
  await navigator.storage.persist().catch(() => false);
}

/** On a full phone sending is what makes room: that it cannot be written down how far it has come must not end it. */
export async function asRoomAllows<T>(writing: PromiseLike<T>, otherwise: T): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    if (!isFull(error)) throw error;
    console.warn("not written down for want of room", error);
    return otherwise;
  }
}

export async function room(): Promise<Room> {
  const estimate = await navigator.storage?.estimate?.().catch(() => null);
  const persisted = await navigator.storage?.persisted?.().catch(() => null);
  return { used: estimate?.usage ?? null, quota: estimate?.quota ?? null, persisted: persisted ?? null };
}

/** 3.4 MB, 10 GB. */
export function inBytes(bytes: number, language: string): string {
  const format = new Intl.NumberFormat(language === "en" ? "en-GB" : "zh-CN", { maximumFractionDigits: 1 });
  const megabytes = bytes / 1_048_576;
  return megabytes < 1024 ? `${format.format(megabytes)} MB` : `${format.format(megabytes / 1024)} GB`;
}
