import { shapeOf } from "../../../src/core/shape.ts";
import { namesIn, tensorNamed } from "../../../src/core/tensors.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { supportsPass } from "../../../src/kernels/supports-mode.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { variants } from "../../../variants/index.ts";
import { isDefined, problemOf } from "../arbitrary-problems.ts";
import { webgpu } from "./judged-call.ts";

/** A problem of each kind that the family computes, causal and not, small enough for a driver in software. */
export function problemOfEachKind(): readonly { readonly title: string; readonly problem: JudgedProblem }[] {
  const shape = shapeOf({ batch: 1, heads: 2, length: 37, headDim: 8 });
  const seen = new Set<string>();
  return variants.flatMap((variant) => {
    const { mechanism } = parameterize(variant, {});
    return [false, true].flatMap((causal) => {
      const title = `${mechanism.kind}${causal ? ", causal" : ""}: ${variant.id}`;
      const key = `${mechanism.kind} ${causal}`;
      if (seen.has(key)) return [];
      const problem = problemOf(mechanism, shape, causal);
      if (!isDefined(problem) || supportsPass(webgpu, problem) !== true) return [];
      seen.add(key);
      return [{ title, problem }];
    });
  });
}

/** The same problem whose inputs are copies, and so may be changed. */
export function withCopies(problem: JudgedProblem): JudgedProblem {
  const { inputs } = problem;
  const copies = namesIn(inputs).map((name) => [name, tensorNamed(inputs, name).slice()]);
  return { ...problem, inputs: { ...inputs, ...Object.fromEntries(copies) } };
}
