import type { Task } from "../../core/problem.ts";
import { ANY_SHAPE } from "../../core/shape.ts";
import { Abilities } from "../by-kind.ts";
import { decodes } from "../decode/refuse.ts";
import type { ReadyKernel } from "../kernel.ts";
import { openFfi } from "./call/ffi.ts";
import { FEATURES, identifyProcessor } from "./call/processor.ts";
import { ffiOrThrow } from "./call/program.ts";
import { featureMap } from "./feature-map.ts";
import type { Means } from "./means.ts";
import { recurrence } from "./recurrence.ts";
import { softmaxPattern } from "./softmax-pattern.ts";
import { summary } from "./summary.ts";

/** Vectors of 512 bits in machine code that is written here, called by `node:ffi`. */
export function createNative(): ReadyKernel {
  let why: string | null | undefined;
  const unavailable = (): string | null => {
    why ??= whyNotHere();
    return why;
  };
  return {
    id: "native",
    title: "AVX-512 machine code",
    // A quarter of what was measured: skipping a case because of a wrong estimate is worse than trying it.
    assumedRate: 45e9,
    freedoms: ANY_SHAPE,
    forms: ["turn", "bias", "normaliser"],
    unavailable,
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

const abilities: Abilities<Means> = new Abilities<Means>([softmaxPattern, featureMap, summary, recurrence]);

function supported(task: Task): true | string {
  return abilities.whyNot(task) ?? true;
}

function whyNotHere(): string | null {
  const ffi = openFfi();
  if (typeof ffi === "string") return ffi;
  try {
    const { features } = identifyProcessor();
    const missing = FEATURES.filter((feature) => !features[feature]);
    return missing.length === 0 ? null : `the processor has no ${missing.join(", ")}`;
  } catch (thrown) {
    return thrown instanceof TypeError ? thrown.message : String(thrown);
  }
}
