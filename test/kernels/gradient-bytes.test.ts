import { describe, expect, it } from "vitest";
import type { GradientPass } from "../../src/core/operation.ts";
import { outputCount } from "../../src/core/outputs.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { js } from "../../src/kernels/js/index.ts";
import { guardedOutput, type ReadyKernel } from "../../src/kernels/kernel.ts";
import { supportsPass } from "../../src/kernels/supports-mode.ts";
import { createWasm } from "../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { outputsOf } from "../../src/mechanisms/outputs.ts";
import { wrongClaims } from "../../src/verify/claims.ts";
import { variants } from "../../variants/index.ts";
import { synthesizerRandom } from "../../variants/mixing/synthesizer-random.ts";
import { gradientOf } from "../mechanisms/gradient/gradient-problem.ts";
import { describeProblem, isDefined, problemOf } from "./arbitrary-problems.ts";

/** Values far narrower than keys: what is written of the gradients of q and k is then most of what a call moves. */
const SHAPES = [1, 40].flatMap((length) => [
  { batch: 1, heads: 2, length, headDim: 64, valueDim: 1 },
  { batch: 2, heads: 4, kvHeads: 2, length, headDim: 33, valueDim: 1 },
  { batch: 1, heads: 1, length, headDim: 5 },
]);

const mechanisms = [
  ...variants.map((variant) => parameterize(variant, {}).mechanism),
  parameterize(synthesizerRandom, { rank: 8 }).mechanism,
];

function claimsOf(problem: JudgedProblem, kernel: ReadyKernel): string | null {
  const runnable = kernel.prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
  runnable.save?.();
  runnable.run();
  const wrong = wrongClaims(problem, runnable);
  runnable.dispose();
  return wrong;
}

describe.each([js, createWasm("auto")])("what gradients in the family $id are counted as", (kernel) => {
  it.each<GradientPass>(["backward", "train"])(
    "is no less than the mathematics takes, of any variant, where values are narrow: %s",
    (pass) => {
      const wrong: string[] = [];
      let counted = 0;
      for (const mechanism of mechanisms) {
        for (const shape of SHAPES) {
          for (const causal of [false, true]) {
            const problem = gradientOf(problemOf(mechanism, shapeOf(shape), causal), pass);
            if (!isDefined(problem) || supportsPass(kernel, problem) !== true) continue;
            const claims = claimsOf(problem, kernel);
            counted++;
            if (claims !== null) {
              wrong.push(`${describeProblem(problemOf(mechanism, shapeOf(shape), causal))}: ${claims}`);
            }
          }
        }
      }
      expect(wrong).toEqual([]);
      expect(counted).toBeGreaterThan(mechanisms.length);
    },
    600_000,
  );
});
