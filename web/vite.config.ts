import { VantResolver } from "@vant/auto-import-resolver";
import vue from "@vitejs/plugin-vue";
import { ElementPlusResolver } from "unplugin-vue-components/resolvers";
import Components from "unplugin-vue-components/vite";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";
import { compressed } from "./build/compress.ts";
import { onlyUsedIcons } from "./build/icons.ts";
import { followPhone, kept } from "./build/phone.ts";

const server = process.env.DUDAO_SERVER ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [
    vue(),
    onlyUsedIcons("src", "node_modules/vant/es"),
    followPhone,
    compressed,
    Components({ dirs: [], dts: false, resolvers: [VantResolver(), ElementPlusResolver()] }),
    VitePWA({
      strategies: "injectManifest",
      srcDir: "src",
      filename: "sw.ts",
      registerType: "prompt",
      injectRegister: false,
      injectManifest: {
        // The phone's own pages; the desk is for people with a line.
        globPatterns: ["index.html", "assets/*.{js,css,woff2}", "assets/icon-192.png"],
        manifestTransforms: [kept],
      },
      includeManifestIcons: false,
      manifest: {
        id: "/",
        name: "督导 · 老旧小区改造现场督查",
        short_name: "督导",
        description: "现场检查：没有信号也能填报，恢复信号后自动上报",
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
  define: {
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: true,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
  },
  resolve: {
    alias: [
      { find: "@", replacement: new URL("./src", import.meta.url).pathname },
      // The builds without what is made for old browsers, and without a compiler of messages.
      { find: /^dexie$/, replacement: "dexie/dist/modern/dexie.mjs" },
      { find: /^vue-i18n$/, replacement: "vue-i18n/dist/petite-vue-i18n.runtime.mjs" },
    ],
  },
  worker: { format: "es" },
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
  // Longer than a busy machine ever needs: a test that hangs is found all the same.
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"], testTimeout: 20_000 },
});
