import { describe, expect, it } from "vitest";
import { type Dtype, formatOf } from "../../src/core/dtype.ts";
import { everyRow } from "../../src/core/rows.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { float32, float64 } from "../../src/mechanisms/oracle.ts";
import { inPrecision, roundingIn } from "../../src/mechanisms/reduced-oracle.ts";
import { full } from "../../variants/dense/full.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { nystrom } from "../../variants/low-rank/nystrom.ts";
import { aftSimple } from "../../variants/mixing/aft-simple.ts";
import { fnet } from "../../variants/mixing/fnet.ts";
import { gla } from "../../variants/recurrence/gla.ts";
import { local } from "../../variants/sparse/local.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { reference } from "./judge.ts";

const shape = shapeOf({ batch: 1, heads: 2, length: 48, headDim: 8 });
const places = everyRow(shape);

function oracleOf(variant: typeof full) {
  return reference(problemOf(parameterize(variant, {}).mechanism, shape, variant === gla));
}

const norm = (values: Iterable<number>): number => Math.hypot(...values);

describe("a reference in half precision", () => {
  it.each([full, local, linear, nystrom, aftSimple, fnet, gla])(
    "rounds $id as coarsely as its dtype, in sums less",
    (variant) => {
      const oracle = oracleOf(variant);
      const exact = oracle.rows(places, float64);
      const slacks = new Map<Dtype, number>();
      for (const dtype of ["float16", "bfloat16"] as const) {
        const { round, epsilon } = formatOf(dtype);
        const judging = inPrecision(oracle, dtype);
        const rounded = judging.rows(places, roundingIn(dtype));
        const told = judging.rows(places, float64);
        let [off, slack, size] = [0, 0, 0];
        for (const [at, { values }] of rounded.entries()) {
          expect(values.every((x) => round(x) === x)).toBe(true);
          expect(told[at].values).toEqual(exact[at].values);
          off = Math.hypot(off, norm(values.map((x, i) => x - exact[at].values[i])));
          slack = Math.hypot(slack, norm(told[at].slack()));
          size = Math.hypot(size, norm(values));
        }
        // The rounding of the result alone takes a fifth of ε on average, and sums of so few rounded numbers not many of them.
        expect(off).toBeGreaterThan(0.15 * epsilon * size);
        expect(off).toBeLessThan(3 * epsilon * size);
        expect(slack).toBeGreaterThan(off);
        expect(slack).toBeLessThan(12 * off);
        slacks.set(dtype, slack);
      }
      const [half, brain] = [slacks.get("float16") ?? 0, slacks.get("bfloat16") ?? 0];
      expect(brain / half).toBeGreaterThan(5);
      expect(brain / half).toBeLessThan(13);
    },
  );

  it("is that of float32, slack and all, if nothing else is said", () => {
    const oracle = oracleOf(full);
    expect([inPrecision(oracle, undefined), inPrecision(oracle, "float32")]).toEqual([oracle, oracle]);
    expect([roundingIn(undefined), roundingIn("float32")]).toEqual([float32, float32]);
  });

  it("adds up in float32: the same thousand numbers are not lost in a sum of half precision", () => {
    const wide = shapeOf({ batch: 1, heads: 1, length: 3000, headDim: 4 });
    const problem = problemOf(parameterize(full, {}).mechanism, wide, false);
    for (const tensor of [problem.inputs.q, problem.inputs.k]) tensor.fill(0);
    problem.inputs.v.fill(1, 0, 1500 * 4).fill(0, 1500 * 4);
    const one = [{ batch: 0, head: 0, row: 0 }];
    for (const dtype of ["float16", "bfloat16"] as const) {
      const [row] = inPrecision(reference(problem), dtype).rows(one, roundingIn(dtype));
      expect([...row.values]).toEqual([0.5, 0.5, 0.5, 0.5]);
    }
  });

  it("lets a row be anything that half precision cannot hold on the way there", () => {
    const problem = problemOf(parameterize(full, {}).mechanism, shape, false);
    for (const [at] of problem.inputs.q.entries()) problem.inputs.q[at] = 2e4;
    for (const [at] of problem.inputs.k.entries()) problem.inputs.k[at] = 2e4;
    const [row] = inPrecision(reference(problem), "float16").rows([places[0]], float64);
    expect([...row.slack()]).toEqual(Array(8).fill(Number.POSITIVE_INFINITY));
  });
});
