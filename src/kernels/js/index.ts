import type { Task } from "../../core/problem.ts";
import { decodes } from "../decode/refuse.ts";
import type { Kernel } from "../kernel.ts";
import type { DecodeKernel } from "../stepper.ts";
import { prepareFeatureMap } from "./feature-map-kernel.ts";
import { prepareFeatureSteps } from "./feature-stepper.ts";
import { prepareRecurrent } from "./recurrent-kernel.ts";
import { prepareSoftmaxSteps } from "./softmax-stepper.ts";
import { prepareTiles } from "./tile-kernel.ts";

const decode: DecodeKernel = {
  supports: decodes,
  prepare(task) {
    const { mechanism } = task;
    switch (mechanism.kind) {
      case "softmaxPattern":
        return prepareSoftmaxSteps(task, mechanism);
      case "featureMap":
        return prepareFeatureSteps(task, mechanism);
      default:
        return mechanism satisfies never;
    }
  },
};

/** Plain TypeScript: float32 in and out, float64 between. Runs everywhere, and is the second opinion on every other family. */
export const js: Kernel = {
  id: "js",
  title: "plain TypeScript, float32 in and out, float64 between",
  supports: singleThreaded,
  prepare(problem, output) {
    const { mechanism } = problem;
    switch (mechanism.kind) {
      case "softmaxPattern":
        return prepareTiles(problem, mechanism, output);
      case "featureMap":
        return prepareFeatureMap(problem, mechanism, output);
      default:
        return mechanism satisfies never;
    }
  },
  decode,
};

/** Linear attention one token at a time, the RNN view; the third form of the same function. */
export const jsRecurrent: Kernel = {
  id: "js-recurrent",
  title: "plain TypeScript, one token at a time",
  supports(task) {
    if (task.mechanism.kind !== "featureMap") return ONLY_FEATURE_MAPS;
    if (!task.causal) return "the recurrent form is causal; add --causal";
    return singleThreaded(task);
  },
  prepare(problem, output) {
    if (problem.mechanism.kind !== "featureMap") {
      throw new TypeError(`js-recurrent: mechanism must be featureMap, got ${problem.mechanism.kind}`);
    }
    return prepareRecurrent(problem, problem.mechanism, output);
  },
  decode: {
    supports: (task) => (task.mechanism.kind === "featureMap" ? decodes(task) : ONLY_FEATURE_MAPS),
    prepare: decode.prepare,
  },
};

const ONLY_FEATURE_MAPS = "only feature maps have a recurrent form";

function singleThreaded({ threads }: Task): true | string {
  return threads === 1 ? true : `it runs on 1 thread, got ${threads}`;
}
