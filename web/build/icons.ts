/** Vant's icon font and its styles, cut down to the icons whose names are written somewhere in our code or in Vant's. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import subset from "subset-font";
import type { Plugin } from "vite";

const RULE = /\.van-icon-([a-z0-9-]+):before\{content:"\\(e[0-9a-f]+)"\}/g;
const FONT = /base64,([A-Za-z0-9+/=]+)/;
// The maker's server, for browsers without WOFF2: there are none left, and a page here asks nobody but its own server.
const ELSEWHERE = /,url\(\/\/at\.alicdn\.com[^)]*\) format\("woff"\)/;

/** A name that is put together at run time is not found; write icons' names out. */
export function onlyUsedIcons(...folders: string[]): Plugin {
  return {
    name: "dudao-only-used-icons",
    enforce: "pre",
    async transform(css, id) {
      if (!/vant\/es\/icon\/index\.css/.test(id)) return null;
      const font = FONT.exec(css)?.[1];
      if (!font || !ELSEWHERE.test(css))
        this.error("Vant's icons look otherwise than this plugin knows them");
      const written = new Set(folders.flatMap(wordsIn));
      const used = [...css.matchAll(RULE)].filter(([, name = ""]) => written.has(name));
      const letters = used.map(([, , code = ""]) => String.fromCodePoint(Number.parseInt(code, 16))).join("");
      const small = await subset(Buffer.from(font, "base64"), letters, { targetFormat: "woff2" });
      const rules = new Set(used.map(([rule]) => rule));
      return css
        .replace(FONT, `base64,${small.toString("base64")}`)
        .replace(ELSEWHERE, "")
        .replace(RULE, (rule) => (rules.has(rule) ? rule : ""));
    },
  };
}

/** All that stands in quotes in the scripts of a folder and looks like an icon's name. */
function wordsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /(?<!\.test|\.d)\.(vue|ts|mjs)$/.test(name))
    .flatMap((name) => [...readFileSync(join(folder, name), "utf8").matchAll(/["'`]([a-z0-9-]+)["'`]/g)])
    .map(([, word = ""]) => word);
}
