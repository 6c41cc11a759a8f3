import type { Task } from "../../core/problem.ts";
import type { Kernel } from "../kernel.ts";
import { availableBuilds, type Build, fastestBuild, tryOut } from "./build.ts";
import { FEATURE, prepareFeatureMap } from "./feature-map-kernel.ts";
import { prepareSoftmax } from "./softmax-kernel.ts";

/** Builds that may be asked for; `auto` is the fastest here and now. */
export const SIMD = ["auto", "plain", "relaxed", "wide"] as const;
export type Simd = (typeof SIMD)[number];

/** WebAssembly with 128-bit SIMD, written in AssemblyScript; V8 widens it to 256 bits where the processor has them. */
export function createWasm(_simd: Simd): Kernel {
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
    limits: {
      ceilings(threads) {
        const chosen = build();
        if (typeof chosen === "string" || threads !== 1) return [];
        return [{ build: chosen.name, threads, flopsPerSecond: tryOut(chosen) * 2 * 6 * 16 * 64 * 1000 }];
      },
      readBandwidth(bytes) {
        const values = new Float64Array(bytes / 8);
        const start = performance.now();
        let sum = 0;
        for (let at = 0; at < values.length; at++) sum += values[at];
        return sum === 0 ? (bytes / (performance.now() - start)) * 1000 : null;
      },
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
