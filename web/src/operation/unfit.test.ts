import { afterEach, expect, test, vi } from "vitest";
import { isInApp, unfitness } from "./unfit";

afterEach(() => vi.unstubAllGlobals());

test("browsers inside other apps are known", () => {
  const phone =
    "Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 Chrome/116.0.0.0 Mobile Safari/537.36";
  expect(isInApp(phone)).toBe(false);
  expect(isInApp(`${phone} XWEB/1160117 MMWEBSDK/20240404 MicroMessenger/8.0.49`)).toBe(true);
  expect(isInApp(`${phone} AliApp(DingTalk/7.5.10)`)).toBe(true);
});

test("a browser that keeps nothing is the worst", async () => {
  vi.stubGlobal("indexedDB", undefined);
  vi.stubGlobal("isSecureContext", false);
  expect(await unfitness()).toBe("noDatabase");
  vi.stubGlobal("indexedDB", {
    open: () => {
      throw new DOMException("private", "SecurityError");
    },
  });
  expect(await unfitness()).toBe("noDatabase");
});

test("then an insecure page, then one with no service worker", async () => {
  const opened = { result: { close() {} }, onsuccess: () => {} };
  vi.stubGlobal("indexedDB", {
    open() {
      queueMicrotask(() => opened.onsuccess());
      return opened;
    },
    deleteDatabase() {},
  });
  vi.stubGlobal("isSecureContext", false);
  expect(await unfitness()).toBe("insecure");
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("navigator", { userAgent: "Safari" });
  expect(await unfitness()).toBe("noWorker");
  vi.stubGlobal("navigator", { userAgent: "Safari", serviceWorker: {} });
  expect(await unfitness()).toBeNull();
});
