// Builds the page into the server's crate, where build.rs finds it: crates/server/ui/dist.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

const OUT = fileURLToPath(new URL("../crates/server/ui/dist", import.meta.url));
// What is bundled, and so has to be named with its licence.
const BUNDLED = ["svelte", "clsx", "esm-env", "marked", "highlight.js", "temml", "@fontsource-variable/instrument-sans"];

// The licences of what is bundled, as a file of the page.
function licences(): Plugin {
  const text = () => BUNDLED.map((name) => {
    const folder = fileURLToPath(new URL(`node_modules/${name}`, import.meta.url));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const { license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { license: string };
    return `${name} (${license})\n\n${file ? readFileSync(join(folder, file), "utf8").trim() : ""}\n`;
  });
  return {
    name: "licences",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "assets/licences.txt", source: text().join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}

// Each file once more, compressed: the server sends it to those who take it.
function compressed(): Plugin {
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder)) {
      const path = join(folder, entry);
      if (statSync(path).isDirectory()) walk(path);
      else if (!path.endsWith(".gz")) {
        const bytes = readFileSync(path);
        const zipped = gzipSync(bytes, { level: 9 });
        if (zipped.length < bytes.length * 0.95) writeFileSync(`${path}.gz`, zipped);
      }
    }
  };
  return { name: "compressed", apply: "build", closeBundle: () => { if (existsSync(OUT)) walk(OUT); } };
}

export default defineConfig({
  base: "./",
  plugins: [svelte(), licences(), compressed()],
  build: { outDir: OUT, emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  server: {
    // `npm run dev` beside a running server: GOLLUM=http://127.0.0.1:8080
    proxy: Object.fromEntries(["/v1", "/metrics", "/debug", "/tokenize", "/readyz"].map((path) => [path, {
      target: process.env.GOLLUM ?? "http://127.0.0.1:8080",
      changeOrigin: true,
      headers: { origin: process.env.GOLLUM ?? "http://127.0.0.1:8080" },
    }])),
  },
});
