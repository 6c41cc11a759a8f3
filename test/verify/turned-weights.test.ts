import { expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { tensorNamed } from "../../src/core/tensors.ts";
import { parameterize } from "../../src/core/variant.ts";
import { whileAllTurned } from "../../src/verify/changed-inputs.ts";
import { kda } from "../../variants/recurrence/kda.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";

it("weights that are turned keep rates and steps at the end of their rows, and are as they were afterwards", () => {
  const shape = shapeOf({ batch: 1, heads: 2, length: 3, headDim: 4 });
  const problem = problemOf(parameterize(kda, {}).mechanism, shape, true);
  const decay = tensorNamed(problem.inputs, "decay");
  const before = decay.slice();
  const turned = whileAllTurned(problem, () => decay.slice());
  expect(decay).toEqual(before);
  for (let row = 0; row < 8; row++) {
    const [here, there] = [
      turned.subarray(6 * row, 6 * row + 6),
      before.subarray(42 - 6 * row, 48 - 6 * row),
    ];
    expect([...here]).toEqual([...there.slice(0, 4).reverse(), there[4], there[5]]);
  }
});
