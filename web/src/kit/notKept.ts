/** A tap that could not be written down says so, where its page has no words of its own for it. */
import Dexie from "dexie";
import { showToast } from "vant";
import type { App } from "vue";
import { isFull } from "@/photos/take";

type Translate = (key: string, values?: Record<string, string>) => string;

export function sayWhatIsNotKept(app: App, t: Translate): void {
  app.config.errorHandler = (error) => {
    console.error(error);
    const message = whyNotKept(error, t);
    if (message) showToast({ message, duration: 6000, wordBreak: "break-all" });
  };
}

/** Null where it was not the phone's storage that failed. */
function whyNotKept(error: unknown, t: Translate): string | null {
  if (isFull(error)) return t("kit.full");
  return error instanceof Dexie.DexieError ? t("kit.notKept", { text: error.name }) : null;
}
