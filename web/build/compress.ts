/** Scripts and styles compressed once, as small as they go, instead of at each request: `name.br` and `name.gz` beside `name`. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync, constants as zlib } from "node:zlib";
import type { Plugin } from "vite";

const LEAST = 1024; // bytes below which nothing is gained

export const compressed: Plugin = {
  name: "dudao-compressed",
  apply: "build",
  enforce: "post",
  writeBundle({ dir = "dist" }) {
    const folder = join(dir, "assets");
    for (const name of readdirSync(folder).filter((file) => /\.(js|css)$/.test(file))) {
      const content = readFileSync(join(folder, name));
      if (content.length < LEAST) continue;
      const params = { [zlib.BROTLI_PARAM_QUALITY]: 11, [zlib.BROTLI_PARAM_SIZE_HINT]: content.length };
      writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content, { params }));
      writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }));
    }
  },
};
