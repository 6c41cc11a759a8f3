import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { jsSorted } from "../../../src/kernels/js/index.ts";
import { supportsPass } from "../../../src/kernels/supports-mode.ts";
import { band, everything } from "../../../src/pattern/band.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { problemOf } from "../arbitrary-problems.ts";

function splitProblem(
  shape: Parameters<typeof shapeOf>[0],
  slope = 0.2,
  causal = false,
  pattern = everything(),
) {
  const mechanism = {
    kind: "softmaxPattern",
    pattern,
    score: { kind: "split", seed: 2, slope },
  } as const;
  return problemOf(mechanism, shapeOf(shape), causal, "gaussian", 5);
}

const USUAL = { batch: 1, heads: 2, length: 90, headDim: 8 };

describe("split scores by sums over sorted keys", () => {
  it.each([0, 0.2, 1])("are the pairs' of a slope of %d", (slope) => {
    expect(failureInAnyRow(splitProblem(USUAL, slope), jsSorted)).toBeNull();
  });

  it.each([30, 300, 3000])(
    "are the pairs' where numbers of queries and keys are %d times as large",
    (factor) => {
      const problem = splitProblem(USUAL);
      for (const tensor of [problem.inputs.q, problem.inputs.k]) {
        for (let at = 0; at < tensor.length; at++) tensor[at] *= factor;
      }
      expect(failureInAnyRow(problem, jsSorted)).toBeNull();
    },
  );

  it("are the pairs' where keys are equal, and where a key lies on a query's kink", () => {
    const problem = splitProblem(USUAL);
    const { q, k } = problem.inputs;
    for (let at = 0; at < k.length; at++) k[at] = at % 8 === 0 ? Math.sign(k[at]) : 0;
    q.fill(0);
    expect(failureInAnyRow(problem, jsSorted)).toBeNull();
    k.fill(0);
    expect(failureInAnyRow(problem, jsSorted)).toBeNull();
  });

  it("are the pairs' of one token, of shared heads, and of queries and values of their own", () => {
    for (const shape of [{ length: 1 }, { heads: 4, kvHeads: 2 }, { queries: 7, valueDim: 3 }]) {
      expect(failureInAnyRow(splitProblem({ ...USUAL, ...shape }), jsSorted)).toBeNull();
    }
  });

  it("need every pair, a split score and a slope from 0 to 1, and say so", () => {
    const refused = [
      [splitProblem(USUAL, 0.2, true), "all attend every key"],
      [splitProblem(USUAL, 0.2, false, band(3, 3)), "all attend every key"],
      [splitProblem(USUAL, 1.5), "a slope from 0 to 1, got 1.5"],
      [
        problemOf({ kind: "softmaxPattern", pattern: everything() } as never, shapeOf(USUAL), false),
        "only split",
      ],
    ] as const;
    for (const [problem, why] of refused) expect(supportsPass(jsSorted, problem)).toContain(why);
    expect(supportsPass(jsSorted, splitProblem({ ...USUAL, length: 1 }, 0.2, true))).toBe(true);
  });
});
