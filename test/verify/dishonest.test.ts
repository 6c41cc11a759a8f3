import { describe, expect, it } from "vitest";
import { elementCount, shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { js } from "../../src/kernels/js/index.ts";
import { guardedOutput, type Kernel } from "../../src/kernels/kernel.ts";
import { prepareCase } from "../../src/verify/prepare-case.ts";
import { gateRows } from "../../src/verify/rows.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { local } from "../../variants/sparse/local.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { honest, meddling, mistaken, skipping } from "./dishonest-kernels.ts";

const shape = shapeOf({ batch: 1, heads: 2, length: 97, headDim: 8 });
const problems = [
  { what: "a window", problem: problemOf(parameterize(local, { window: 40 }).mechanism, shape, false) },
  { what: "a causal feature map", problem: problemOf(parameterize(linear, {}).mechanism, shape, true) },
];
type Problem = (typeof problems)[number]["problem"];

/** What becomes of a kernel at the gate and in rounds of short slots: null where it stays green, or why not. */
async function fault(problem: Problem, kernel: Kernel): Promise<string | null> {
  const result = await prepareCase(problem, kernel, {
    // As few as are looked at where a row is dear, and none of those that are wrong.
    places: gateRows(shape, 1).filter(({ row }) => row < 5 || row > 94),
    fullRows: null,
    seed: 1,
    output: guardedOutput(elementCount(shape)),
    second: js,
    now: () => 0,
  });
  if (result.outcome !== "green") return result.reason;
  for (let round = 0; round < 6; round++) {
    result.begin(5);
    result.runnable.run();
    for (let call = 0; call < 5; call++) result.call();
    const wrong = (await result.verify()) ?? (await result.recheck());
    if (wrong !== null) return wrong;
  }
  return null;
}

describe.each(problems)("of $what, verification", ({ problem }) => {
  it.each(skipping.filter((one) => one.supports(problem) === true))(
    "finds what $id leaves out",
    async (kernel) => {
      expect(await fault(problem, kernel)).toMatch(
        /row \d+ of batch|same array every time|still being written/,
      );
    },
  );

  it.each(mistaken)("finds where $id is wrong", async (kernel) => {
    expect(await fault(problem, kernel)).toMatch(/row \d+ of batch/);
  });

  it.each(meddling)("lets $id bend nothing", async (kernel) => {
    expect(await fault(problem, kernel)).toMatch(
      /the kernel threw: .*read only|inputs\(\) must hold the problem's v/,
    );
  });

  it.each(honest)("has nothing to say of $id", async (kernel) => {
    expect(await fault(problem, kernel)).toBeNull();
  });
});
