import { VantResolver } from "@vant/auto-import-resolver";
import vue from "@vitejs/plugin-vue";
import { ElementPlusResolver } from "unplugin-vue-components/resolvers";
import Components from "unplugin-vue-components/vite";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";

const server = process.env.DUDAO_SERVER ?? "http://127.0.0.1:8000";

/** What only the desk loads; its chunks must stay out of what the phone keeps for offline. */
const DESK_CODE = /\/src\/(desk|reviews|issues|weekly|audit)[/.]/;
const DESK_PACKAGES =
  /\/node_modules\/(@?element-plus|@tanstack|echarts|zrender|@vueuse|lodash|dayjs|@popperjs|@sxzz|@floating-ui|async-validator|@ctrl|memoize-one|normalize-wheel-es)/;
const isDesk = (chunk: { moduleIds: string[] }) =>
  chunk.moduleIds.some((id) => DESK_CODE.test(id) || DESK_PACKAGES.test(id));

export default defineConfig({
  plugins: [
    vue(),
    Components({ dirs: [], dts: false, resolvers: [VantResolver(), ElementPlusResolver()] }),
    VitePWA({
      strategies: "injectManifest",
      srcDir: "src",
      filename: "sw.ts",
      registerType: "prompt",
      injectRegister: false,
      injectManifest: {
        // The phone's own pages; the desk is for people with a line.
        globPatterns: [
          "index.html",
          "assets/phone-*.{js,css}",
          "assets/shared-*.{js,css}",
          "assets/*.woff2",
          "icon-*.png",
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
          { src: "/icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "/icon-512.png", sizes: "512x512", type: "image/png" },
          { src: "/icon-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
        ],
      },
    }),
  ],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    target: "es2020",
    rollupOptions: {
      input: { phone: "index.html", desk: "desk.html" },
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: (chunk) => `assets/${isDesk(chunk) ? "desk" : "phone"}-${chunk.name}-[hash].js`,
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  server: { proxy: { "/api": server } },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
});
