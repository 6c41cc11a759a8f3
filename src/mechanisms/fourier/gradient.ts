import { FLOAT32_TINIEST } from "../../core/error-budget.ts";
import type { RowPlace } from "../../core/rows.ts";
import { kvHeadOf } from "../../core/shape.ts";
import { gradientName } from "../gradient/declare.ts";
import type { GradientKind, GradientProblem } from "../gradient/gradient-kind.ts";
import { writtenBytes } from "../gradient/written.ts";
import { type Oracle, type ReferenceRow, type Rounding, sumsOf } from "../oracle.ts";
import type { Fourier } from "./declare.ts";
import { fourierOracle } from "./oracle.ts";
import { leastWork, work } from "./work.ts";

/**
 * The transform's matrix is symmetric, `cos(2π(n·k/N + j·c/d))`, so that dv is the transform of dout, summed over the heads
 * that read v. q and k are not read, and their gradients are zero.
 */
export const fourierGradient: GradientKind<Fourier> = {
  oracle: fourierGradientOracle,
  work,
  leastWork: (task) => ({ flops: leastWork(task).flops, bytes: writtenBytes(task) }),
  oracleProducts: ({ rows, length, headDim }) => 2 * rows * headDim * (length + headDim),
};

function fourierGradientOracle(problem: GradientProblem<Fourier>): Oracle {
  const { shape, dout } = problem.inputs;
  const { heads, headDim } = shape;
  // One transform a head of dout.
  const own = { ...shape, kvHeads: heads };
  const along = fourierOracle({ ...problem, inputs: { ...problem.inputs, v: dout, shape: own } });
  const sumOverHeads = ({ batch, head, row }: RowPlace, round: Rounding): ReferenceRow => {
    const readers = Array.from({ length: heads }, (_, one) => one).filter(
      (one) => kvHeadOf(shape, one) === head,
    );
    const rows = along.rows(
      readers.map((one) => ({ batch, head: one, row })),
      round,
    );
    const within = sumsOf(round);
    const total = (of: (one: ReferenceRow) => Float64Array, add: (sum: number) => number): Float64Array =>
      rows.map(of).reduce((sums, one) => sums.map((sum, i) => add(sum + one[i])));
    return {
      values: total(({ values }) => values, within),
      get magnitudes() {
        return total(
          ({ magnitudes }) => magnitudes,
          (sum) => sum,
        );
      },
      slack: () =>
        total(
          (one) => one.slack(),
          (sum) => sum,
        ),
    };
  };
  return {
    rows: (places, round) =>
      places.map((place) =>
        place.tensor === gradientName("v") ? sumOverHeads(place, round) : zeros(headDim),
      ),
  };
}

function zeros(width: number): ReferenceRow {
  return {
    values: new Float64Array(width),
    magnitudes: new Float64Array(width),
    slack: () => new Float64Array(width).fill(FLOAT32_TINIEST),
  };
}
