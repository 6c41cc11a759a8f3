import { expect, it } from "vitest";
import type { Mechanism } from "../../../src/core/mechanism.ts";
import { type Shape, shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { stepsOf } from "../../../src/mechanisms/work-of-case.ts";
import { recurrences } from "../../../variants/recurrence/index.ts";
import { leastWorkOf } from "../judge.ts";

const D = 64;
function problemAt(mechanism: Mechanism, shape: Shape) {
  return builtInKinds.judged({ mechanism, shape, causal: true, threads: 1 });
}

/** Operations of a token: of d², and of d. */
const COUNTED: Readonly<Record<string, readonly [number, number]>> = {
  retention: [5, 0],
  lightning: [5, 0],
  "simple-gla": [5, 2],
  gla: [7, 0],
  ssd: [5, 2],
  delta: [6, 2],
  // A gate of the decay, and one of the writing.
  "gated-delta": [7, 4],
  kda: [9, 2],
  rwkv6: [7, 0],
  rwkv7: [13, 0],
};

it.each(recurrences)("counts writing, reading, decay, erasing and gates: $id", (variant) => {
  const { mechanism } = parameterize(variant, {});
  const task = problemAt(mechanism, shapeOf({ batch: 2, heads: 3, length: 100, headDim: D }));
  const [squares, singles] = COUNTED[variant.id];
  const token = 6 * (squares * D ** 2 + singles * D);
  expect(task.kind.work(task).usefulFlops).toBe(100 * token);
  expect(stepsOf(task).work(task, 50).usefulFlops).toBe(token);
  expect(leastWorkOf(task).flops).toBeLessThan(100 * token);
  // The state, or the tokens so far.
  expect(stepsOf(task).leastWork(task, 99).stateBytes).toBe(6 * 4 * D ** 2);
  expect(stepsOf(task).leastWork(task, 3).stateBytes).toBe(6 * 4 * 3 * 2 * D);
});

it("of one token asks for nothing but its numbers", () => {
  for (const variant of recurrences) {
    const one = shapeOf({ batch: 1, heads: 1, length: 1, headDim: D });
    expect(leastWorkOf(problemAt(parameterize(variant, {}).mechanism, one)).flops).toBe(0);
  }
});
