import type { Task } from "../../core/problem.ts";
import type { Shape } from "../../core/shape.ts";
import type { UsefulWork } from "../../core/work.ts";
import { attendSize, type Sizes, sizeIn, sizesOf } from "./chain-sizes.ts";
import { type Attend, type AttendBlocks, chainOf, type Matrix, type Step, type Summary } from "./declare.ts";

/** What the steps take: what only k and v go into, once for the heads of q that share them. */
export function work({ mechanism, shape, causal }: Task<Summary>): UsefulWork {
  const steps = chainOf(mechanism, shape, causal);
  const sizes = sizesOf(steps, mechanism.inputs, shape);
  const usefulFlops = steps.reduce((sum, step) => {
    return sum + stepFlops(step, sizes) * copiesOf(step, sizes, shape);
  }, 0);
  return { pairs: null, usefulFlops };
}

/** How often a step is carried out. */
export function copiesOf(step: Step, sizes: Sizes, { batch, heads, kvHeads }: Shape): number {
  return batch * (sizeIn(sizes, step.to).perHead ? heads : kvHeads);
}

/**
 * Operations of one step for one head: those of products, and the additions of means. Those of biases, of sums and
 * of norms are not counted, and no exponentials.
 */
export function stepFlops(step: Step, sizes: Sizes): number {
  const of = (name: Matrix) => sizeIn(sizes, name);
  switch (step.step) {
    case "means":
      return step.counted === false ? 0 : of(step.of).rows * of(step.of).width;
    case "product":
      return 2 * of(step.to).rows * of(step.b).rows * of(step.b).width;
    case "attend": {
      const { values, also = [] } = step;
      const widths = [values, ...also.map((one) => one.values)].reduce((sum, one) => sum + of(one).width, 0);
      return 2 * pairsOf(step, sizes) * (scoreWidth(step, sizes) + widths);
    }
    case "weights":
      return 2 * of(step.queries).rows * of(step.keys).rows * of(step.keys).width;
    case "pseudo-inverse":
      return 8 * step.iterations * of(step.of).rows ** 3;
    case "less-log-sums":
      return 2 * of(step.rows).rows ** 2 * of(step.rows).width;
    case "convolve":
      return 2 * of(step.to).rows * of(step.taps).width * of(step.values).width;
    case "clusters":
      return 2 * of(step.of).rows * of(step.of).width * of(step.planes).rows;
    case "spread": {
      if (step.improved === undefined) return 0;
      const { count, queries, keys, values } = step.improved;
      const pairs = of(queries).rows * Math.min(count, of(keys).rows);
      return 2 * pairs * (of(keys).width + of(values).width);
    }
    case "mix-blocks":
      // Every row goes into a row of each block.
      return 2 * of(step.logs).rows * of(step.of).rows * of(step.of).width;
    case "attend-blocks":
      return 2 * blockPairs(step, sizes) * (of(step.queries).width + of(step.to).width);
    // Its source does not count the products of so few.
    case "balance":
    case "sum":
    case "half-squares":
    case "log-sizes":
      return 0;
    default:
      return step satisfies never;
  }
}

/** Channels of a score; with unit vectors there is nothing to multiply. */
export function scoreWidth({ queries, keys }: Attend, sizes: Sizes): number {
  return queries === null || keys === null ? 0 : sizeIn(sizes, keys).width;
}

/** Queries and keys that meet. */
export function pairsOf(step: Attend, sizes: Sizes): number {
  const { queries, keys } = attendSize(step, sizes);
  if (step.ended === undefined) return queries * keys;
  const { size, keysBefore } = step.ended;
  const after = (tokens: number): number => quotients(Math.max(0, tokens), size);
  return after(keysBefore + queries + 1) - after(keysBefore + 1);
}

/** Queries and keys of blocks that meet. */
function blockPairs({ queries, keys, size }: AttendBlocks, sizes: Sizes): number {
  return keys.reduce((pairs, name) => {
    const { rows } = sizeIn(sizes, queries);
    const last = rows % size;
    const ofLast = Math.min(size, sizeIn(sizes, name).rows - (rows - last));
    return pairs + (rows - last) * size + last * ofLast;
  }, 0);
}

/** `Σ_{i < n} ⌊i / size⌋`. */
function quotients(n: number, size: number): number {
  const whole = Math.floor(n / size);
  return (size * whole * (whole - 1)) / 2 + whole * (n % size);
}
