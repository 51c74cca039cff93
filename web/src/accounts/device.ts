/** What the server knows this phone by: an id made once, and a name that its owner recognises. */
import { v7 } from "uuid";

const KEPT = "dudao.device";

export function deviceId(): string {
  const known = localStorage.getItem(KEPT);
  if (known) return known;
  const made = v7();
  localStorage.setItem(KEPT, made);
  return made;
}

/** "Android · Chrome 140", as well as the browser tells it. */
export function deviceName(agent = navigator.userAgent): string {
  const find = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(agent));
  const system = find([
    [/HarmonyOS|OpenHarmony/, "HarmonyOS"],
    [/Android/, "Android"],
    [/iPad/, "iPad"],
    [/iPhone/, "iPhone"],
    [/Windows/, "Windows"],
    [/Mac OS X/, "Mac"],
    [/Linux/, "Linux"],
  ])?.[1];
  const model = /Android [\d.]+; ([^;)]+?)(?: Build|[;)])/.exec(agent)?.[1];
  const browser = find([
    [/MicroMessenger\/(\d+)/, "WeChat"],
    [/HuaweiBrowser\/(\d+)/, "Huawei Browser"],
    [/MiuiBrowser\/(\d+)/, "MIUI"],
    [/Edg\/(\d+)/, "Edge"],
    [/Firefox\/(\d+)/, "Firefox"],
    [/Chrome\/(\d+)/, "Chrome"],
    [/Version\/(\d+).*Safari/, "Safari"],
  ]);
  const version = browser?.[0].exec(agent)?.[1];
  const parts = [system, model && model !== "K" ? model : undefined, browser && `${browser[1]} ${version}`];
  return parts.filter(Boolean).join(" · ") || "browser";
}
