import { createHash } from "node:crypto";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Tells the service worker which files make up the shell, and gives that set a name of its own; closes the script of
 * mini apps around itself. */
function shell(): Plugin {
  return {
    name: "hutong-shell",
    enforce: "post",
    generateBundle(_options, bundle) {
      const mini = bundle["mini/hutong.js"];
      // A page of somebody else's gets one name of ours, and none of those inside.
      if (mini?.type === "chunk") mini.code = `(()=>{${mini.code}})();\n`;
      const worker = bundle["sw.js"];
      if (worker === undefined || worker.type !== "chunk") return;
      const shown = (name: string) => name.startsWith("assets/") && !name.startsWith("assets/reader");
      const files = Object.keys(bundle).filter(shown);
      const index = bundle["index.html"];
      const page = index?.type === "asset" ? String(index.source) : "";
      const version = createHash("sha256")
        .update([...files].sort().join())
        .update(page)
        .digest("hex")
        .slice(0, 12);
      const paths = ["/", ...files.sort().map((name) => `/${name}`)];
      worker.code = worker.code
        .replace(/(["'`])__SHELL_FILES__\1/, () => JSON.stringify(JSON.stringify(paths)))
        .replaceAll("__SHELL_VERSION__", version);
    },
  };
}

/** What has the same address in every release: pages of others name it. */
const fixed: Record<string, string> = { sw: "sw.js", hutong: "mini/hutong.js" };

const server = process.env["HUTONG_DEV_SERVER"] ?? "http://127.0.0.1:8420";

export default defineConfig({
  plugins: [svelte(), shell()],
  build: {
    outDir: "../src/hutong/web",
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    // Inlined pictures would need data: in the content security policy of every resource.
    assetsInlineLimit: 0,
    target: "es2022",
    // The reader of the interface is one large package, on a page of its own.
    chunkSizeWarningLimit: 2_000,
    rollupOptions: {
      input: { index: "index.html", reader: "api-docs/index.html", sw: "src/sw.ts", hutong: "src/mini/hutong.ts" },
      output: {
        entryFileNames: ({ name }) => fixed[name] ?? "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  test: { css: true, include: ["tests/**/*.test.ts"] },
  server: {
    proxy: {
      "/api": server,
      "/mini": server,
      "/socket": { target: server, ws: true },
    },
  },
});
