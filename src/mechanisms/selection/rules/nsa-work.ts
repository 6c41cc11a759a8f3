import type { Shape } from "../../../core/shape.ts";
import { pairFlops } from "../../../core/work.ts";
import { NSA_FORCED, type Nsa } from "../declare.ts";
import type { RuleWork } from "../rule.ts";

/** What one query attends. */
interface Counts {
  /** Means of blocks that have ended. */
  readonly means: number;
  /** Keys of the blocks that it attends. */
  readonly selected: number;
  /** Keys of the window. */
  readonly recent: number;
  /** Keys that it reads at all, if those that are chosen are as near as can be: it then reads the fewest. */
  readonly distinct: number;
}

export function countsOf({ block, chosen, window }: Nsa, query: number): Counts {
  const own = Math.floor(query / block);
  const recent = Math.min(window, query + 1);
  const others = Math.min(chosen - NSA_FORCED, Math.max(0, own - 2));
  const from = Math.min(query + 1 - recent, Math.max(0, own - 1 - others) * block);
  return {
    means: Math.floor((query + 1) / block),
    selected: Math.min(own, chosen - 1) * block + (query % block) + 1,
    recent,
    distinct: query + 1 - from + Math.min(block, from),
  };
}

/**
 * Of queries `from … to-1`, each with a token of its own that is added to the means of its block. The products with means
 * are those of the first softmax, by which blocks are chosen as well, and count once.
 */
export function workOf(rule: Nsa, shape: Shape, from: number, to: number): RuleWork {
  const { headDim, valueDim } = shape;
  const tokens = to - from;
  let [means, keys, pairs] = [0, 0, 0];
  for (let query = from; query < to; query++) {
    const counts = countsOf(rule, query);
    means += counts.means;
    keys += counts.selected + counts.recent;
    pairs += counts.distinct;
  }
  const gates = 6 * headDim * tokens;
  return {
    pairs,
    selectFlops: headDim * (tokens + 2 * means),
    attendFlops: gates + valueDim * (tokens + 2 * means) + pairFlops({ ...shape, batch: 1 }, keys),
  };
}
