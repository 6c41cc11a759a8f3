import { variants } from "../../variants/index.ts";
import { familyOf } from "../core/family.ts";
import { nextLength } from "../core/next-length.ts";
import { shapeOf } from "../core/shape.ts";
import type { Traits } from "../core/traits.ts";
import { parameterize, type Variant } from "../core/variant.ts";
import type { Judged } from "../mechanisms/judged.ts";
import { builtInKinds } from "../mechanisms/kinds.ts";
import { causalityOf, isDecoded } from "../mechanisms/why-undefined.ts";
import { nearnessOf } from "../mechanisms/yardstick-of.ts";

let every: ReadonlyMap<string, Traits> | undefined;

/** The traits of all built-in variants, in the order in which they are listed: looks in reports go by it. */
export function builtInTraits(): ReadonlyMap<string, Traits> {
  every ??= new Map(variants.map((one) => [one.id, traitsOf(one)]));
  return every;
}

/** What is known of a built-in variant with its usual parameters. */
export function traitsOf(variant: Variant): Traits {
  const judged = builtInKinds.judged(parameterize(variant, {}));
  const { mechanism, kind } = judged;
  return {
    family: familyOf(variant).id,
    causality: causalityOf(judged),
    state: stateOf(judged),
    nearness: nearnessOf(judged),
    learns: Object.values(kind.inputs?.(mechanism) ?? {}).some(
      ({ of, untrained = false }) => of === "weights" && !untrained,
    ),
  };
}

/** Positions between which a bounded state is full, and another still grows: equally far into a block of any usual size. */
const [EARLY, LATE] = [2048, 8192];

function stateOf(judged: Judged): Traits["state"] {
  const { mechanism, kind } = judged;
  const { step } = kind;
  if (step === undefined || !isDecoded(judged)) return "none";
  const pattern = kind.pattern(mechanism, true);
  const bytesAt = (position: number) => {
    const length = nextLength(pattern, position);
    const shape = shapeOf({ batch: 1, heads: 1, length: 2 * length, headDim: 64 });
    return step.leastWork({ mechanism, shape, causal: true, threads: 1 }, length).stateBytes;
  };
  return bytesAt(EARLY) === bytesAt(LATE) ? "constant" : "grows";
}
