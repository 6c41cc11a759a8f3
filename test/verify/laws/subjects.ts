import type { Pattern } from "../../../src/core/pattern.ts";
import type { Shape } from "../../../src/core/shape.ts";
import { parameterize, softmaxPattern, type Variant } from "../../../src/core/variant.ts";
import { syntheticSource } from "../../../src/input/synthetic.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import type { Subject } from "../../../src/verify/laws/law.ts";

const SHAPE: Shape = { batch: 2, heads: 2, length: 41, headDim: 5 };

/** What a law is held against, with small parameters unless others are given. */
export function subject(
  variant: Variant,
  kernel: Kernel,
  {
    causal = false,
    shape = SHAPE,
    overrides = probesOf(variant),
  }: Partial<Subject> & { overrides?: object } = {},
): Subject {
  const filled = parameterize(variant, { ...overrides });
  return {
    variant,
    filled,
    kernel,
    shape,
    causal,
    inputs: syntheticSource("gaussian", 7).inputs(shape),
    seed: 7,
  };
}

function probesOf(variant: Variant): Record<string, number | null> {
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
