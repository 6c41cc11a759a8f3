import { FLOAT32_LEAST } from "../../core/error-budget.ts";
import type { ExactProblem } from "../../core/problem.ts";
import { layoutOf, offsetIn } from "../../core/shape.ts";
import { float64, type Oracle } from "../oracle.ts";
import { disturbedPaths, disturbing, largestIn, sweptOracle } from "../swept-heads.ts";
import type { Cell } from "./declare.ts";
import { pathOf } from "./path.ts";

/**
 * Recurrent cells, swept. One whose weights make small differences grow, as a large U of an Elman network does, has a slack
 * as large as its rows from some token on.
 */
export function cellOracle(problem: ExactProblem<Cell>): Oracle {
  const { shape, v } = problem.inputs;
  const { headDim } = shape;
  const layout = layoutOf(shape, "v");
  return sweptOracle("cell", (batch, head, round) => {
    const paths = round === float64 ? disturbedPaths(headDim) : 0;
    /** What gates that are smaller than any normal float32 number would have let through. */
    let lost = FLOAT32_LEAST;
    return {
      path: pathOf(problem, batch, head, round),
      others: Array.from({ length: paths }, (_, seed) => pathOf(problem, batch, head, disturbing(seed))),
      least(token) {
        lost += FLOAT32_LEAST * (1 + largestIn(v, offsetIn(layout, batch, head, token), headDim));
        return lost;
      },
    };
  });
}
