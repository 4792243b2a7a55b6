import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where the development server finds a running `hiveboard serve`. */
const server = process.env.HIVEBOARD_DEV_SERVER ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  // Below whatever path the server is reached under; the server fills in the page's `<base>`.
  base: "./",
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "dist",
    // The server sends `script-src 'self'; style-src 'self'; img-src 'self' data:`: nothing may be inlined as a script or a style.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    target: "es2022",
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/v1": { target: server, ws: true },
      "/enter": { target: server },
      "/leave": { target: server },
    },
  },
  test: {
    environment: "happy-dom",
    setupFiles: ["src/test-setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
  },
});
