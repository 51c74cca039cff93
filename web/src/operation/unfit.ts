/** Whether this page can work with no signal here; if not, why, and how to go on. */

export type Unfit = "insecure" | "inApp" | "noDatabase" | "noWorker";

/** Browsers inside other apps: they drop what a page keeps, or know no service worker. */
const IN_APP = /MicroMessenger|wxwork|QQ\/|DingTalk|AlipayClient|Lark|Feishu|FBAN|FBAV|Weibo/i;

/** What stands in the way, the worst first; null where nothing does. */
export async function unfitness(): Promise<Unfit | null> {
  if (!(await hasDatabase())) return "noDatabase";
  if (!window.isSecureContext) return "insecure";
  if (isInApp(navigator.userAgent)) return "inApp";
  if (!("serviceWorker" in navigator)) return "noWorker";
  return null;
}

export function isInApp(agent: string): boolean {
  return IN_APP.test(agent);
}

/** Some private windows have indexedDB and refuse to open it. */
async function hasDatabase(): Promise<boolean> {
  if (typeof indexedDB === "undefined" || indexedDB === null) return false;
  return new Promise((resolve) => {
    try {
      const asked = indexedDB.open("dudao.probe");
      asked.onsuccess = () => {
        asked.result.close();
        indexedDB.deleteDatabase("dudao.probe");
        resolve(true);
      };
      asked.onerror = () => resolve(false);
      asked.onblocked = () => resolve(true);
    } catch {
      resolve(false);
    }
  });
}
