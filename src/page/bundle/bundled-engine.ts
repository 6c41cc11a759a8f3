import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Plugin, rolldown } from "rolldown";
import { BUILD_NAMES } from "../../kernels/wasm/build.ts";
import type { Embedded } from "../../platform/browser/embedded.ts";
import { platform } from "../../platform/here.ts";

/**
 * The script of the engine's worker: a classic one, so that a page opened from a file can start it from a blob. It holds
 * the wasm modules and the script of their threads. Throws an Error if they are not built, or the engine meets Node
 * outside `src/platform`.
 */
export async function bundledEngine(): Promise<string> {
  const version = versionOf(new URL("../../../package.json", import.meta.url));
  const wasm = Object.fromEntries(BUILD_NAMES.map((name) => [name, moduleText(name)]));
  const nothing: Embedded = { version, code: "", wasm: {}, wasmWorker: "" };
  const wasmWorker = withEmbedded(await bundled("../../kernels/wasm/threads/worker.ts"), nothing);
  const script = await bundled("../engine/worker.ts");
  const code = platform.sha256(
    ...[script, wasmWorker, ...Object.values(wasm)].map((text) => Buffer.from(text)),
  );
  return withEmbedded(script, { version, code, wasm, wasmWorker });
}

function withEmbedded(script: string, embedded: Embedded): string {
  // A page's script element would end at its end tag, wherever that stands.
  const text = JSON.stringify(embedded).replaceAll("<", "\\u003c");
  return `"use strict";(()=>{const ATTNBENCH_EMBEDDED=${text};${script}})();\n`;
}

function moduleText(name: string): string {
  const bytes = platform.wasmModule(name);
  if (bytes !== null) return Buffer.from(bytes).toString("base64");
  throw new Error("build:page: the wasm modules must be built before the page; run npm run build:wasm");
}

async function bundled(file: string): Promise<string> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL(file, import.meta.url)),
    platform: "browser",
    plugins: [inBrowser],
    onLog(_level, { message }) {
      throw new Error(`build:page: ${message}`);
    },
  });
  const { output } = await bundle.generate({ format: "iife", minify: true });
  await bundle.close();
  const [script, ...others] = output;
  if (others.length > 0) throw new Error(`build:page: ${file} must be one script`);
  if (script.imports.length > 0) {
    throw new Error(`build:page: ${file} must import nothing of Node's, got ${script.imports.join(", ")}`);
  }
  return script.code;
}

const HERE = fileURLToPath(new URL("../../platform/here.ts", import.meta.url));
const BROWSER = fileURLToPath(new URL("../../platform/browser/index.ts", import.meta.url));

/** The one place where the engine is linked with a browser's platform instead of Node's. */
const inBrowser: Plugin = {
  name: "in-browser",
  async resolveId(source, importer) {
    if (!source.endsWith("/here.ts")) return null;
    const found = await this.resolve(source, importer, { skipSelf: true });
    return found?.id === HERE ? BROWSER : null;
  },
};

function versionOf(file: URL): string {
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
