import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";

/** One compiled form of the module: plain SIMD, or with the fused multiply-add of relaxed SIMD. */
export interface Build {
  readonly name: "relaxed" | "plain";
  readonly module: WebAssembly.Module;
  /** Name, flags and hash, as the results record them. */
  readonly details: string;
}

/** Makes V8 fuse pairs of 128-bit operations into 256 bits, where the processor has them. Unknown flags are ignored. */
const WIDE = "--experimental-wasm-revectorize";

/** The builds that this engine validates, or why there are none. */
export function availableBuilds(): readonly Build[] | string {
  if (typeof WebAssembly !== "object") return "this engine has no WebAssembly";
  // Before the first compilation, or it has no effect on it.
  setFlagsFromString(WIDE);
  const builds: Build[] = [];
  for (const name of ["relaxed", "plain"] as const) {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = new Uint8Array(readFileSync(new URL(`./build/${name}.wasm`, import.meta.url)));
    } catch {
      return "its modules are not built; run npm run build:wasm";
    }
    if (!WebAssembly.validate(bytes)) continue;
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
    builds.push({ name, module: new WebAssembly.Module(bytes), details: `${name} ${hash}, V8 ${WIDE}` });
  }
  return builds.length > 0 ? builds : "this engine has no 128-bit SIMD in WebAssembly";
}

/** What the module exports. */
export interface Exports {
  runHead(call: number): void;
  runFeatureMap(call: number): void;
  scoresTile(a: number, b: number, bStep: number, c: number, cStep: number, inner: number): void;
  readonly QUERIES: WebAssembly.Global<"i32">;
  readonly COLUMNS: WebAssembly.Global<"i32">;
  readonly PANEL_QUERIES: WebAssembly.Global<"i32">;
  readonly PANEL_KEYS: WebAssembly.Global<"i32">;
}

/** An instance of a build over a memory of its own. */
export function instantiate({ module }: Build, memory: WebAssembly.Memory): Exports {
  // The exports are those of assembly/index.ts.
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
}

/** Milliseconds that each build is tried for. */
const TRIAL_MS = 8;

/** The build whose micro-kernel is fastest here and now; versions and processors are not sniffed. */
export function fastestBuild(builds: readonly Build[]): Build {
  const rates = builds.map((build) => ({ build, rate: tryOut(build) }));
  return rates.reduce((best, one) => (one.rate > best.rate ? one : best)).build;
}

/** Calls of the micro-kernel in a millisecond, at its best. */
export function tryOut(build: Build): number {
  const { scoresTile } = instantiate(build, new WebAssembly.Memory({ initial: 2 }));
  const calls = 200;
  let best = 0;
  const start = performance.now();
  while (performance.now() - start < TRIAL_MS) {
    const before = performance.now();
    for (let call = 0; call < calls; call++) scoresTile(0, 8192, 64, 65_536, 512, 64);
    best = Math.max(best, calls / (performance.now() - before));
  }
  return best;
}
