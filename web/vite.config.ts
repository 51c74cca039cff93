import { VantResolver } from "@vant/auto-import-resolver";
import vue from "@vitejs/plugin-vue";
import { ElementPlusResolver } from "unplugin-vue-components/resolvers";
import Components from "unplugin-vue-components/vite";
import type { Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";

const server = process.env.DUDAO_SERVER ?? "http://127.0.0.1:8000";

/** Files that the phone's page may load, by whatever way: a page whose style is missing does not open offline. */
const ofPhone = new Set<string>();

const followPhone: Plugin = {
  name: "dudao-follow-phone",
  apply: "build",
  enforce: "post",
  generateBundle(_, bundle) {
    const follow = (file: string) => {
      const chunk = bundle[file];
      if (ofPhone.has(file) || !chunk) return;
      ofPhone.add(file);
      if (chunk.type !== "chunk") return;
      for (const next of [
        ...chunk.imports,
        ...chunk.dynamicImports,
        ...(chunk.viteMetadata?.importedCss ?? []),
      ])
        follow(next);
      // Workers are known by name only.
      for (const other of Object.keys(bundle))
        if (chunk.code.includes(other.replace("assets/", ""))) follow(other);
    };
    for (const [file, chunk] of Object.entries(bundle))
      if (chunk.type === "chunk" && chunk.isEntry && chunk.name === "phone") follow(file);
  },
};

export default defineConfig({
  plugins: [
    vue(),
    followPhone,
    Components({ dirs: [], dts: false, resolvers: [VantResolver(), ElementPlusResolver()] }),
    VitePWA({
      strategies: "injectManifest",
      srcDir: "src",
      filename: "sw.ts",
      registerType: "prompt",
      injectRegister: false,
      injectManifest: {
        // The phone's own pages; the desk is for people with a line.
        globPatterns: ["index.html", "assets/*.{js,css,woff2}"],
        manifestTransforms: [
          (files) => ({
            manifest: files
              .filter(({ url }) => !url.startsWith("assets/") || ofPhone.has(url))
              // The server knows the page by its address, not by its file's name.
              .map((file) => (file.url === "index.html" ? { ...file, url: "/" } : file)),
            warnings: [],
          }),
        ],
      },
      manifest: {
        id: "/",
        name: "督导 · 老旧小区改造现场督查",
        short_name: "督导",
        description: "现场检查:没有信号也能填报,恢复信号后自动上报",
        lang: "zh-CN",
        start_url: "/",
        scope: "/",
        display: "standalone",
        background_color: "#ffffff",
        theme_color: "#0b5cad",
        icons: [
          { src: "/assets/icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "/assets/icon-512.png", sizes: "512x512", type: "image/png" },
          { src: "/assets/icon-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
        ],
      },
    }),
  ],
  // Parts of the libraries that nobody here uses.
  define: { __VUE_I18N_LEGACY_API__: false, __INTLIFY_PROD_DEVTOOLS__: false, __VUE_PROD_DEVTOOLS__: false },
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    target: "es2020",
    rollupOptions: {
      input: { phone: "index.html", desk: "desk.html" },
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  server: { proxy: { "/api": server } },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
});
