/** Whether photos have to wait for Wi-Fi, as the person has set it. */
import { recall } from "@/kit/db";

interface Connection extends EventTarget {
  type?: string;
}

const connection = () => (navigator as Navigator & { connection?: Connection }).connection;

/** Only some browsers say what line they are on; in the others nothing waits. */
export async function photosWait(): Promise<boolean> {
  return connection()?.type === "cellular" && (await recall("mobileData")) === "pause";
}

export function onLineChange(act: () => void): void {
  connection()?.addEventListener?.("change", act);
}
