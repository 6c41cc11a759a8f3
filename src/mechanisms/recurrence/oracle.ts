import { FLOAT32_LEAST } from "../../core/error-budget.ts";
import type { ExactProblem } from "../../core/problem.ts";
import { layoutOf, offsetIn } from "../../core/shape.ts";
import { float64, type Oracle } from "../oracle.ts";
import { disturbedPaths, disturbing, largestIn, sweptOracle } from "../swept-heads.ts";
import type { Recurrence } from "./declare.ts";
import { pathOf } from "./path.ts";

/** Beyond so many tokens one disturbed path must do, whose numbers many tokens have disturbed. */
const LONG = 2 ** 14;

/** Disturbed paths beside the exact one. */
export function pathsFor({ length, width }: { readonly length: number; readonly width: number }): number {
  return disturbedPaths(width, length > LONG ? 1 : undefined);
}

/**
 * Recurrences of matrices, swept: token by token as they are defined, no chunks. In disturbed paths every number of a token
 * is off at random, and every decay always to the same side as well, by one float32 rounding: a decay that is the same for
 * all tokens, or whose exponential errs to one side, is off by as many roundings as there are tokens in memory, 1/(1 - α).
 */
export function recurrenceOracle(problem: ExactProblem<Recurrence>): Oracle {
  const { shape, q, k, v } = problem.inputs;
  const { headDim, valueDim, length } = shape;
  const [ofQ, ofK, ofV] = (["q", "k", "v"] as const).map((name) => layoutOf(shape, name));
  const factor = Math.abs(problem.mechanism.scale ?? 1);
  return sweptOracle("recurrence", (batch, head, round) => {
    const paths = round === float64 ? pathsFor({ length, width: valueDim }) : 0;
    /** What products that are smaller than any normal float32 number would have added to an element of the state. */
    let lost = 0;
    return {
      path: pathOf(problem, batch, head, round),
      others: Array.from({ length: paths }, (_, seed) =>
        pathOf(problem, batch, head, disturbing(seed), seed % 2 === 0 ? 1 : -1),
      ),
      least(token) {
        const largest = 1 + largestIn(v, offsetIn(ofV, batch, head, token), valueDim);
        lost += FLOAT32_LEAST * largest * (1 + largestIn(k, offsetIn(ofK, batch, head, token), headDim));
        const read = headDim * largestIn(q, offsetIn(ofQ, batch, head, token), headDim);
        return FLOAT32_LEAST * largest + lost * factor * (1 + read);
      },
    };
  });
}
