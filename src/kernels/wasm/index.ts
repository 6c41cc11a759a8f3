import type { Task } from "../../core/problem.ts";
import type { Kernel } from "../kernel.ts";
import { availableBuilds, type Build, fastestBuild } from "./build.ts";
import { FEATURE, prepareFeatureMap } from "./feature-map-kernel.ts";
import { prepareSoftmax } from "./softmax-kernel.ts";

/** WebAssembly with 128-bit SIMD, written in AssemblyScript; V8 widens it to 256 bits where the processor has them. */
export const wasm: Kernel = createWasm();

function createWasm(): Kernel {
  let found: Build | string | undefined;
  /** The build to use, found once: compiling and trying out builds costs tens of milliseconds. */
  const build = (): Build | string => {
    if (found === undefined) {
      const builds = availableBuilds();
      found = typeof builds === "string" ? builds : fastestBuild(builds);
    }
    return found;
  };
  return {
    id: "wasm",
    title: "WebAssembly SIMD",
    details() {
      const chosen = build();
      return typeof chosen === "string" ? chosen : chosen.details;
    },
    supports(task) {
      const chosen = build();
      return typeof chosen === "string" ? chosen : supported(task);
    },
    prepare(problem) {
      const { mechanism } = problem;
      const chosen = build();
      if (typeof chosen === "string") throw new TypeError(`wasm: ${chosen}`);
      switch (mechanism.kind) {
        case "softmaxPattern":
          return prepareSoftmax(problem, mechanism, chosen);
        case "featureMap":
          return prepareFeatureMap(problem, mechanism, chosen);
        default:
          return mechanism satisfies never;
      }
    },
  };
}

function supported({ mechanism, shape, threads }: Task): true | string {
  if (threads !== 1) return `it runs on 1 thread, got ${threads}`;
  if (mechanism.kind === "featureMap" && mechanism.feature.id !== FEATURE) {
    return `of feature maps it knows ${FEATURE}, got ${mechanism.feature.id}`;
  }
  const bytes = 16 * shape.batch * shape.heads * shape.length * shape.headDim;
  return bytes <= 3.5 * 2 ** 30 || "q, k, v and out must fit into 3.5 GiB of 32-bit memory";
}
