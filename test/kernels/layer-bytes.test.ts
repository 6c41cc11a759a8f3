import fc from "fast-check";
import { expect, it } from "vitest";
import type { Problem } from "../../src/core/problem.ts";
import { elementCount, FLOAT_BYTES } from "../../src/core/shape.ts";
import { js } from "../../src/kernels/js/index.ts";
import { guardedOutput, type ReadyKernel } from "../../src/kernels/kernel.ts";
import { supportsPass } from "../../src/kernels/supports-mode.ts";
import { createWasm } from "../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { isLayer, shapeOfHeads } from "../../src/mechanisms/layer/declare.ts";
import { isSelection } from "../../src/mechanisms/selection/declare.ts";
import { layersFor } from "./arbitrary-layers.ts";
import { describeProblem, problemOf } from "./arbitrary-problems.ts";

const wasm = createWasm("auto");

/** What a kernel counts for a call; bytes may be known only once it has run. */
function bytesOf(problem: Problem, kernel: ReadyKernel): number {
  const runnable = kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
  runnable.run();
  const { bytes } = runnable;
  runnable.dispose();
  return bytes ?? Number.NaN;
}

/** What a layer counts besides what its heads count in a call of their own. */
function aroundHeads(problem: JudgedProblem, kernel: ReadyKernel): number {
  const { mechanism: layer, shape, causal } = problem;
  if (!isLayer(layer)) throw new TypeError("it must be a layer");
  const heads = problemOf(layer.inner, shapeOfHeads(layer, shape), causal);
  return bytesOf(problem, kernel) - bytesOf(heads, kernel);
}

it("both families count as many bytes around the heads of a layer: of tokens and heads, and none of weights", () => {
  // What is chosen depends on the numbers, which heads of their own have others of. Tokens that are pooled as they are
  // are first copied by one of the families.
  const layers = layersFor(wasm).filter(
    (problem) =>
      isLayer(problem.mechanism) &&
      !isSelection(problem.mechanism.inner) &&
      !(problem.mechanism.pool !== null && Object.values(problem.mechanism.made).includes("tokens")) &&
      supportsPass(js, problem) === true,
  );
  fc.assert(
    fc.property(layers, (problem) => {
      const { mechanism: layer, shape } = problem;
      if (!isLayer(layer)) throw new TypeError("it must be a layer");
      const [byJs, byWasm] = [js, wasm].map((kernel) => aroundHeads(problem, kernel));
      expect(byJs, describeProblem(problem)).toBe(byWasm);
      const made = elementCount(shapeOfHeads(layer, shape), "output");
      expect(byJs).toBeGreaterThanOrEqual(FLOAT_BYTES * (made + elementCount(shape, "output")));
    }),
    { numRuns: 12 },
  );
});
