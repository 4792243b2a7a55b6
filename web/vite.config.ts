import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Where the development server finds a running `hiveboard serve`. */
const server = process.env.HIVEBOARD_DEV_SERVER ?? "http://127.0.0.1:8000";

/** What fits into a packet gains nothing by being compressed. */
const COMPRESSED_BYTES = 1_400;

/** Puts a compressed form beside each script and style, so that the server need not compress them for everybody who asks. */
function compressAhead(): Plugin {
  return {
    name: "compress-ahead",
    apply: "build",
    writeBundle({ dir = "dist" }, bundle) {
      for (const name of Object.keys(bundle).filter((file) => /\.(js|css)$/.test(file))) {
        const path = join(dir, name);
        const bytes = readFileSync(path);
        if (bytes.length <= COMPRESSED_BYTES) continue;
        writeFileSync(`${path}.br`, brotliCompressSync(bytes));
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [react({ jsxImportSource: "~/format" }), compressAhead()],
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
