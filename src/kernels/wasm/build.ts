import { platform } from "../../platform/here.ts";
import { PANEL_KEYS } from "./layout.ts";

/** One compiled form of the module. */
export interface Build {
  readonly name: BuildName;
  /** Columns of its micro-kernel. */
  readonly panelKeys: number;
  readonly module: WebAssembly.Module;
  /** Name, hash and flags, as the results record them. */
  readonly details: string;
}

/**
 * `plain` has 128-bit SIMD, `relaxed` also the fused multiply-add of relaxed SIMD, and `wide` twice the
 * columns, which V8 fuses into vectors of 256 bits if it is told to and the processor has them.
 */
const BUILDS = {
  plain: PANEL_KEYS.narrow,
  relaxed: PANEL_KEYS.narrow,
  wide: PANEL_KEYS.wide,
} as const;

export type BuildName = keyof typeof BUILDS;
export const BUILD_NAMES = Object.keys(BUILDS) as readonly BuildName[];

/** What the details of `wide` end with where V8 can be told to fuse. */
const FUSED = ", V8 --experimental-wasm-revectorize";

/** What `details` ends with if V8 checks every access to memory. */
const CHECKED = ", bounds checks";

/** The build of this name, or why this engine has none. `checked` says whether it runs with bounds checks. */
export function openBuild(name: BuildName, checked = false): Build | string {
  if (typeof WebAssembly !== "object") return "this engine has no WebAssembly";
  const whyNot = platform.whyNoSharedMemory();
  if (whyNot !== null) return whyNot;
  const bytes = platform.wasmModule(name);
  if (bytes === null) return "its modules are not built; run npm run build:wasm";
  if (!WebAssembly.validate(bytes)) {
    const missing = name === "plain" ? "128-bit" : "relaxed";
    return `this engine has no ${missing} SIMD in WebAssembly, or the module is damaged: run npm run build:wasm`;
  }
  const hash = platform.sha256(bytes).slice(0, 12);
  return {
    name,
    panelKeys: BUILDS[name],
    module: new WebAssembly.Module(bytes),
    details: `${name} ${hash}${name === "wide" && platform.canFuse ? FUSED : ""}${checked ? CHECKED : ""}`,
  };
}

/** What the module exports: see `assembly/index.ts`. */
export interface Exports {
  runSoftmaxItems(call: number, lane: number, from: number, to: number): void;
  runFeatureItems(call: number, lane: number, from: number, to: number): void;
  runAftItems(call: number, lane: number, from: number, to: number): void;
  runGatherItems(call: number, lane: number, from: number, to: number): void;
  runCellItems(call: number, lane: number, from: number, to: number): void;
  runConvolutionItems(call: number, lane: number, from: number, to: number): void;
  runFourierItems(call: number, lane: number, from: number, to: number): void;
  runRecurrenceItems(call: number, lane: number, from: number, to: number): void;
  runRecurrenceGradientItems(call: number, lane: number, from: number, to: number): void;
  openRecurrence(call: number, lane: number): void;
  stepRecurrence(call: number, lane: number): void;
  takeRecurrence(call: number, lane: number, slice: number, count: number): void;
  runGroupItems(call: number, lane: number, from: number, to: number): void;
  runSelectionItems(call: number, lane: number, from: number, to: number): void;
  runGradientItems(call: number, lane: number, from: number, to: number): void;
  runListedGradientItems(call: number, lane: number, from: number, to: number): void;
  runFeatureGradientItems(call: number, lane: number, from: number, to: number): void;
  runConvolutionGradientItems(call: number, lane: number, from: number, to: number): void;
  runCellGradientItems(call: number, lane: number, from: number, to: number): void;
  runHiddenItems(call: number, lane: number, from: number, to: number): void;
  runAftGradientItems(call: number, lane: number, from: number, to: number): void;
  runLayerItems(call: number, lane: number, from: number, to: number): void;
  convolveRow(
    form: number,
    window: number,
    taps: number,
    d: number,
    first: number,
    second: number,
    hidden: number,
    out: number,
  ): void;
  runMatrixItems(call: number, lane: number, from: number, to: number): void;
  scoresTile(
    rows: number,
    a: number,
    b: number,
    bStep: number,
    c: number,
    cStep: number,
    inner: number,
  ): void;
  runBurst(calls: number, scratch: number, from: number, to: number): void;
  runTanhBurst(calls: number, scratch: number, from: number, to: number): void;
  tanhFloats(from: number, count: number, to: number, table: number): void;
  decodeSoftmax(call: number, lane: number, position: number): void;
  decodeSelected(call: number, lane: number, position: number): void;
  summariseTokens(call: number, slice: number, first: number, count: number): void;
  decodeAft(call: number, lane: number): void;
  takeAft(call: number, slice: number, count: number): void;
  decodeFeatures(call: number, lane: number): void;
  stepCells(call: number, lane: number): void;
  takeCells(call: number, lane: number, slice: number, count: number): void;
  decodePooled(call: number, lane: number, position: number): void;
  addPooled(call: number, slice: number, first: number, count: number): void;
  turnRows(
    call: number,
    from: number,
    fromStep: number,
    count: number,
    token: number,
    step: number,
    to: number,
    toStep: number,
  ): void;
  packHead(call: number, head: number): void;
  clearStates(call: number): void;
  addTokens(call: number, lane: number, slice: number, count: number): void;
  sumFloats(start: number, count: number, sums: number): void;
}

/**
 * An instance of a build over a memory. It keeps no state of its own, so that one serves all calls in the
 * memory.
 */
export function instantiate({ module }: Pick<Build, "module">, memory: WebAssembly.Memory): Exports {
  // The exports are those of assembly/index.ts.
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
}
