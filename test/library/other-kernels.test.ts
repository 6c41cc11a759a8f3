import { expect, test } from "vitest";
import { js } from "../../src/kernels/js/index.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { otherKernels } from "../../src/library/other-kernels.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { planRun } from "../../src/plan/plan.ts";
import { full } from "../../variants/dense/full.ts";
import { linear } from "../../variants/feature-map/linear.ts";

const usual: Kernel = { ...js, id: "usual", freedoms: ["kvHeads"] };
const kernels = [usual, js];

function told(shape: object, asked: "auto" | readonly Kernel[] = "auto"): string[] {
  const plan = planRun(
    {
      kinds: builtInKinds,
      variants: [full, linear].map((variant) => ({ variant, overrides: {} })),
      kernels: asked,
      lengths: [8, 16],
      batch: 1,
      heads: 4,
      headDim: 6,
      causal: false,
      threads: 1,
      input: "gaussian",
      plugins: [],
      simd: "auto",
      seed: 1,
      rounds: 1,
      budgetSeconds: 1,
      deadlineSeconds: 1,
      ...shape,
    },
    kernels,
  );
  return otherKernels(plan, { variants: [full, linear], kernels, kinds: builtInKinds });
}

test("a variant that its shape keeps from the first kernel is named once, with the reason", () => {
  expect(told({ valueDim: 3 })).toEqual([
    "full runs by js, not by usual: it takes values as wide as keys, got 3 for 6",
    "linear runs by js, not by usual: it takes values as wide as keys, got 3 for 6",
  ]);
});

test("nothing is said where the first kernel takes the shape, or the shape is not the reason", () => {
  expect(told({ kvHeads: 2 })).toEqual([]);
  expect(told({}, [js])).toEqual([]);
  expect(told({ threads: 2 })).toEqual([]);
});
