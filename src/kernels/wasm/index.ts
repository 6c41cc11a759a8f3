import type { Task } from "../../core/problem.ts";
import { ANY_SHAPE } from "../../core/shape.ts";
import { platform } from "../../platform/here.ts";
import { Abilities } from "../by-kind.ts";
import { decodes } from "../decode/refuse.ts";
import type { ReadyKernel } from "../kernel.ts";
import { MOST_WORKERS } from "../threads/signals.ts";
import { aft } from "./aft.ts";
import { Arena } from "./arena.ts";
import { cell } from "./cell.ts";
import { type Chosen, chooseBuild, type Simd } from "./choose-build.ts";
import { convolution } from "./convolution.ts";
import { featureMap } from "./feature-map.ts";
import { whyTooLarge } from "./fits.ts";
import { fourier } from "./fourier.ts";
import { aftGradient } from "./gradient/aft.ts";
import { cellGradient } from "./gradient/cell.ts";
import { convolutionGradient } from "./gradient/convolution.ts";
import { featureMapGradient } from "./gradient/feature-map.ts";
import { fourierGradient } from "./gradient/fourier.ts";
import { recurrenceGradient } from "./gradient/recurrence.ts";
import { selectionGradient } from "./gradient/selection.ts";
import { softmaxPatternGradient } from "./gradient/softmax-pattern.ts";
import { summaryGradient } from "./gradient/summary.ts";
import { synthesizerGradient } from "./gradient/synthesizer.ts";
import { layerOf } from "./layer.ts";
import { machineLimits } from "./limits.ts";
import type { Means } from "./means.ts";
import { recurrence } from "./recurrence.ts";
import { selection } from "./selection.ts";
import { softmaxPattern } from "./softmax-pattern.ts";
import { summary } from "./summary.ts";
import { synthesizer } from "./synthesizer.ts";
import { ThreadPool } from "./threads/pool.ts";

export { namedBuild, type Simd } from "./choose-build.ts";

/**
 * WebAssembly with 128-bit SIMD, written in AssemblyScript; V8 widens it to 256 bits if the processor has
 * them. The flag for that applies to the whole process, and the last kernel to choose its build sets it: one
 * build per process runs at full speed.
 */
export function createWasm(simd: Simd): ReadyKernel {
  let found: Chosen | string | undefined;
  let pool: ThreadPool | undefined;
  /** The build to use, found once: compiling and trying out builds takes about 100 ms. */
  const choose = (): Chosen | string => {
    found ??= chooseBuild(simd);
    return found;
  };
  const chosen = (): Chosen => {
    const one = choose();
    if (typeof one === "string") throw new TypeError(`wasm: ${one}`);
    return one;
  };
  return {
    id: "wasm",
    title: "WebAssembly SIMD",
    // A quarter of what was measured: skipping a case because of a wrong estimate is worse than trying it.
    assumedRate: 25e9,
    freedoms: ANY_SHAPE,
    forms: ["turn", "score", "bias", "normaliser"],
    details() {
      const one = choose();
      return typeof one === "string" ? one : one.build.details;
    },
    unavailable() {
      const one = choose();
      return typeof one === "string" ? one : null;
    },
    limits: {
      ceilings(threads) {
        const one = choose();
        return typeof one === "string" ? [] : machineLimits(one).ceilings(threads);
      },
      readBandwidth(bytes) {
        const one = choose();
        return typeof one === "string" ? null : machineLimits(one).readBandwidth(bytes);
      },
      tanhRate() {
        const one = choose();
        return typeof one === "string" ? null : (machineLimits(one).tanhRate?.() ?? null);
      },
    },
    supports(task) {
      const one = choose();
      return typeof one === "string" ? one : supported(task);
    },
    allocate(shape) {
      return new Arena().tensors(shape);
    },
    prepare(problem, output) {
      const { build } = chosen();
      if (problem.threads > 1) pool ??= new ThreadPool();
      return abilities.prepare(problem, { build, output, pool: pool ?? null });
    },
    decode: {
      supports(task) {
        const one = choose();
        if (typeof one === "string") return one;
        const takes = decodes(task);
        return takes === true ? (abilities.whyNotStep(task) ?? true) : takes;
      },
      prepare(task, weights) {
        const { build } = chosen();
        return abilities.prepareSteps(task, { build, pool: null }, weights);
      },
    },
  };
}

const abilities: Abilities<Means> = new Abilities([
  softmaxPattern,
  featureMap,
  synthesizer,
  aft,
  cell,
  recurrence,
  fourier,
  convolution,
  summary,
  selection,
  selectionGradient,
  softmaxPatternGradient,
  featureMapGradient,
  recurrenceGradient,
  synthesizerGradient,
  summaryGradient,
  aftGradient,
  fourierGradient,
  convolutionGradient,
  cellGradient,
  layerOf(() => abilities),
]);

function supported(task: Task): true | string {
  const { shape, threads } = task;
  if (!(threads <= MOST_WORKERS + 1)) return `it runs on at most ${MOST_WORKERS + 1} threads, got ${threads}`;
  const noThreads = threads > 1 ? platform.whyNoThreads() : null;
  return noThreads ?? abilities.whyNot(task) ?? whyTooLarge(shape) ?? true;
}
