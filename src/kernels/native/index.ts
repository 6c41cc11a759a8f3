import type { FormName } from "../../core/form-names.ts";
import type { Task } from "../../core/problem.ts";
import { ANY_SHAPE } from "../../core/shape.ts";
import { Abilities } from "../by-kind.ts";
import { decodes } from "../decode/refuse.ts";
import type { ReadyKernel } from "../kernel.ts";
import { MOST_WORKERS } from "../threads/signals.ts";
import { ffiOrThrow } from "./call/program.ts";
import { featureMap } from "./feature-map.ts";
import { featureMapGradient } from "./gradient/feature-map.ts";
import { recurrenceGradient } from "./gradient/recurrence.ts";
import { softmaxPatternGradient } from "./gradient/softmax-pattern.ts";
import { layerOf } from "./layer.ts";
import { machineLimits } from "./limits/index.ts";
import { listingOf } from "./listing.ts";
import type { Means } from "./means.ts";
import { findProcessor } from "./obstacle.ts";
import { codeHash, PROGRAMS } from "./programs.ts";
import { recurrence } from "./recurrence.ts";
import { softmaxPattern } from "./softmax-pattern.ts";
import { summary } from "./summary.ts";

/** Vectors of 512 bits in machine code that is written here, called by `node:ffi`. */
export function createNative(): ReadyKernel {
  return {
    id: "native",
    title: "AVX-512 machine code",
    // A quarter of what was measured: skipping a case because of a wrong estimate is worse than trying it.
    assumedRate: 45e9,
    freedoms: ANY_SHAPE,
    forms: FORMS,
    supplement: true,
    details() {
      const processor = findProcessor();
      if ("why" in processor) return processor.why;
      return `${codeHash()}, by ${processor.route} on ${processor.brand}`;
    },
    listing: () => listingOf(PROGRAMS),
    unavailable,
    unsuited() {
      const processor = findProcessor();
      return "why" in processor && processor.unsuited;
    },
    limits: {
      ceilings: (threads) => (unavailable() === null ? machineLimits.ceilings(threads) : []),
      readBandwidth: (bytes) => (unavailable() === null ? machineLimits.readBandwidth(bytes) : null),
    },
    supports(task) {
      return unavailable() ?? supported(task);
    },
    prepare(problem, output) {
      return abilities.prepare(problem, { ffi: ffiOrThrow(), output });
    },
    decode: {
      supports(task) {
        const why = unavailable();
        if (why !== null) return why;
        const takes = decodes(task);
        return takes === true ? (abilities.whyNotStep(task) ?? true) : takes;
      },
      prepare(task, weights) {
        return abilities.prepareSteps(task, { ffi: ffiOrThrow() }, weights);
      },
    },
  };
}

/** Forms of pairs that tiles compute. */
const FORMS: readonly FormName[] = ["turn", "bias", "normaliser"];

const abilities: Abilities<Means> = new Abilities<Means>([
  softmaxPattern,
  softmaxPatternGradient,
  featureMap,
  featureMapGradient,
  summary,
  recurrence,
  recurrenceGradient,
  layerOf(() => abilities, FORMS),
]);

function supported(task: Task): true | string {
  const { threads } = task;
  if (!(threads <= MOST_WORKERS + 1)) return `it runs on at most ${MOST_WORKERS + 1} threads, got ${threads}`;
  return abilities.whyNot(task) ?? true;
}

function unavailable(): string | null {
  const processor = findProcessor();
  return "why" in processor ? processor.why : null;
}
