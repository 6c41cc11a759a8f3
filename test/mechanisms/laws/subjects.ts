import type { ParameterValues } from "../../../src/core/parameters.ts";
import type { Pattern } from "../../../src/core/pattern.ts";
import { type Shape, shapeOf } from "../../../src/core/shape.ts";
import { parameterize, type Variant } from "../../../src/core/variant.ts";
import { syntheticSource } from "../../../src/input/synthetic.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { withNamed } from "../../../src/mechanisms/named-inputs.ts";
import { softmaxPattern } from "../../../src/mechanisms/softmax-pattern/declare.ts";
import type { Checked } from "../../../src/verify/check-subjects.ts";

const SHAPE: Shape = shapeOf({ batch: 2, heads: 2, length: 41, headDim: 6 });

/** What a law is held against, with small parameters unless others are given. */
export function subject(
  variant: Variant,
  kernel: Kernel,
  {
    causal = false,
    shape = SHAPE,
    overrides = probesOf(variant),
  }: Partial<Checked> & { overrides?: object } = {},
): Checked {
  const filled = builtInKinds.judged(parameterize(variant, { ...overrides }));
  return {
    variant,
    filled,
    kernel,
    shape,
    causal,
    inputs: withNamed(filled, syntheticSource("gaussian", 7).inputs(shape), 7),
    seed: 7,
    kinds: builtInKinds,
    call: {},
  };
}

function probesOf(variant: Variant): ParameterValues {
  return Object.fromEntries(Object.entries(variant.params).map(([name, { probe }]) => [name, probe]));
}

/** A variant that is this pattern and has no parameters. */
export function variantOf(pattern: Pattern): Variant {
  return softmaxPattern({
    id: "hand-written",
    title: "Hand-written",
    source: "none",
    params: {},
    pattern: () => pattern,
    exponent: () => 2,
  });
}
