import { expect, it } from "vitest";
import { outputCount } from "../../src/core/outputs.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { js } from "../../src/kernels/js/index.ts";
import { guardedOutput, type Kernel, type Runnable } from "../../src/kernels/kernel.ts";
import { outputsOf } from "../../src/mechanisms/outputs.ts";
import { rowsToCheck } from "../../src/verify/gradient-rows.ts";
import { prepareCase } from "../../src/verify/prepare-case.ts";
import { full } from "../../variants/dense/full.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { gradientOf } from "../mechanisms/gradient/gradient-problem.ts";

it("the seconds of a backward pass are its own, however long it takes to save what it needs", async () => {
  const shape = shapeOf({ batch: 1, heads: 1, length: 20, headDim: 4 });
  const problem = gradientOf(problemOf(parameterize(full, {}).mechanism, shape, false));
  let clock = 0;
  let saves = 0;
  const kernel: Kernel = {
    ...js,
    supports: (task) => js.supports(task),
    async prepare(call, output) {
      const runnable: Runnable = await js.prepare(call, output);
      return {
        ...runnable,
        output: () => runnable.output(),
        // On a busy machine one may take many times as long as another.
        save() {
          clock += ++saves;
          return runnable.save?.();
        },
        run() {
          clock += 0.25;
          runnable.run();
        },
      };
    },
  };
  const result = await prepareCase(problem, kernel, {
    places: rowsToCheck(problem, 1),
    fullRows: null,
    seed: 1,
    output: guardedOutput(outputCount(outputsOf(problem))),
    second: null,
    now: () => clock,
  });
  expect(result).toMatchObject({ outcome: "green", callSeconds: 0.25 });
});
