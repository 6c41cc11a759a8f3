import type { Task } from "../../core/problem.ts";
import type { Shape } from "../../core/shape.ts";
import type { Mechanism } from "../../core/variant.ts";
import { decodes } from "../decode/refuse.ts";
import type { Kernel } from "../kernel.ts";
import { Arena } from "./arena.ts";
import { type Chosen, chooseBuild, type Simd } from "./choose-build.ts";
import { FEATURE, prepareFeatureMap } from "./feature-map-kernel.ts";
import { prepareFeatureSteps } from "./feature-stepper.ts";
import { MOST_HEAD_DIM } from "./layout.ts";
import { machineLimits } from "./limits.ts";
import { prepareSoftmax } from "./softmax-kernel.ts";
import { cacheBytes, prepareSoftmaxSteps } from "./softmax-stepper.ts";
import { MOST_WORKERS } from "./threads/control.ts";
import { ThreadPool } from "./threads/pool.ts";

export { namedBuild, SIMD, type Simd } from "./choose-build.ts";

/**
 * WebAssembly with 128-bit SIMD, written in AssemblyScript; V8 widens it to 256 bits where the processor has them. What widens
 * it is a flag of the whole process, which the last kernel to choose its build sets: one build a process runs at its speed.
 */
export function createWasm(simd: Simd): Kernel {
  let found: Chosen | string | undefined;
  let pool: ThreadPool | undefined;
  /** The build to use, found once: compiling and trying out builds costs some 100 ms. */
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
    // A quarter of what was measured: a case that is skipped for a wrong guess is worse than one that is tried.
    assumedRate: 25e9,
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
      const { mechanism, threads } = problem;
      if (threads > 1) pool ??= new ThreadPool();
      const means = { build, output, pool: pool ?? null };
      switch (mechanism.kind) {
        case "softmaxPattern":
          return prepareSoftmax(problem, mechanism, means);
        case "featureMap":
          return prepareFeatureMap(problem, mechanism, means);
        default:
          return mechanism satisfies never;
      }
    },
    decode: {
      supports(task) {
        const one = choose();
        return typeof one === "string" ? one : decodable(task);
      },
      prepare(task) {
        const { build } = chosen();
        const { mechanism } = task;
        switch (mechanism.kind) {
          case "softmaxPattern":
            return prepareSoftmaxSteps(task, mechanism, build);
          case "featureMap":
            return prepareFeatureSteps(task, mechanism, build);
          default:
            return mechanism satisfies never;
        }
      },
    },
  };
}

/** What one memory of 32 bits has room for beside what else is in it. */
const MOST_BYTES = 3.5 * 2 ** 30;

function supported({ mechanism, shape, threads }: Task): true | string {
  if (!(threads <= MOST_WORKERS + 1)) return `it runs on at most ${MOST_WORKERS + 1} threads, got ${threads}`;
  const known = knows(mechanism, shape);
  if (known !== true) return known;
  const bytes = 16 * shape.batch * shape.heads * shape.length * shape.headDim;
  return bytes <= MOST_BYTES || "q, k, v and out must fit into 3.5 GiB of 32-bit memory";
}

function decodable(task: Task): true | string {
  const { mechanism, shape } = task;
  const reasons = [decodes(task), knows(mechanism, shape)].filter((answer) => answer !== true);
  if (reasons.length > 0) return reasons[0];
  if (mechanism.kind === "featureMap") return true;
  return (
    cacheBytes(task, mechanism, MOST_BYTES) <= MOST_BYTES ||
    "the keys and values that are kept must fit into 3.5 GiB of 32-bit memory"
  );
}

function knows(mechanism: Mechanism, { headDim }: Shape): true | string {
  if (mechanism.kind === "featureMap" && mechanism.feature.id !== FEATURE) {
    return `of feature maps it knows ${FEATURE}, got ${mechanism.feature.id}`;
  }
  return headDim <= MOST_HEAD_DIM || `a head must be at most ${MOST_HEAD_DIM} wide, got ${headDim}`;
}
