import type { AttendBlocks, Balance, MixBlocks } from "../../../../mechanisms/summary/declare.ts";
import { AttentionRows, pairBackFlops } from "../attention-rows.ts";
import { addToSums, type Factor } from "../factor.ts";
import type { MatricesBack, StepBack } from "./matrices.ts";

/** Steps on blocks of rows, on the way back. */

/** Scratch that holds some rows and what comes to them. */
interface Copied extends Factor {
  readonly values: Float64Array;
  readonly sums: Float64Array;
}

function copied(rows: number, width: number, { workspace }: MatricesBack): Copied {
  const [values, sums] = [workspace.float64(rows * width), workspace.float64(rows * width)];
  return { values, at: 0, rows, width, sums, sumsAt: 0 };
}

/**
 * Of `y = x - ln Σ exp x`, line by line: `dx = dy - exp(y) Σ dy`. The logarithms after every half of an iteration are made
 * once more, and kept.
 */
export function balanceBack(step: Balance, matrices: MatricesBack): StepBack {
  const { rows, width: channels } = matrices.prepare(step.queries);
  const { rows: columns } = matrices.prepare(step.keys);
  matrices.prepare(step.to);
  const { iterations, scale } = step;
  const halves = Array.from({ length: 2 * iterations + 1 }, () => matrices.workspace.float64(rows * columns));
  const slopes = matrices.workspace.float64(rows * columns);
  /** Where a line begins, how far apart its numbers are, and how many they are. */
  const linesOf = (half: number) =>
    half % 2 === 0
      ? { lines: columns, first: 1, step: columns, count: rows }
      : { lines: rows, first: columns, step: 1, count: columns };

  const forward = (queries: Factor, keys: Factor): void => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let i = 0; i < channels; i++) {
          sum +=
            queries.values[queries.at + row * channels + i] * keys.values[keys.at + column * channels + i];
        }
        halves[0][row * columns + column] = sum * scale;
      }
    }
    for (let half = 0; half < 2 * iterations; half++) {
      const [from, to] = [halves[half], halves[half + 1]];
      const { lines, first, step: apart, count } = linesOf(half);
      for (let line = 0; line < lines; line++) {
        let largest = Number.NEGATIVE_INFINITY;
        for (let n = 0; n < count; n++) largest = Math.max(largest, from[line * first + n * apart]);
        let total = 0;
        for (let n = 0; n < count; n++) total += Math.exp(from[line * first + n * apart] - largest);
        const logSum = largest + Math.log(total);
        for (let n = 0; n < count; n++) {
          const at = line * first + n * apart;
          to[at] = from[at] - logSum;
        }
      }
    }
  };
  return {
    flops: rows * columns * (6 * channels + 12 * iterations),
    run(at) {
      const [queries, keys] = [matrices.factor(step.queries, at), matrices.factor(step.keys, at)];
      const along = matrices.along(step.to, at);
      forward(queries, keys);
      for (let i = 0; i < rows * columns; i++) slopes[i] = along.values[along.at + i];
      for (let half = 2 * iterations - 1; half >= 0; half--) {
        const made = halves[half + 1];
        const { lines, first, step: apart, count } = linesOf(half);
        for (let line = 0; line < lines; line++) {
          let total = 0;
          for (let n = 0; n < count; n++) total += slopes[line * first + n * apart];
          for (let n = 0; n < count; n++) {
            const i = line * first + n * apart;
            slopes[i] -= Math.exp(made[i]) * total;
          }
        }
      }
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const slope = scale * slopes[row * columns + column];
          addToSums(queries, row, slope, keys.values, keys.at + column * channels);
          addToSums(keys, column, slope, queries.values, queries.at + row * channels);
        }
      }
    },
  };
}

/** Rows `from … to - 1` of each block side by side are values of one softmax over the blocks that have them. */
export function mixBlocksBack(step: MixBlocks, matrices: MatricesBack): StepBack {
  const { rows, width } = matrices.prepare(step.of);
  const { rows: asking } = matrices.prepare(step.logs);
  matrices.prepare(step.to);
  const { size } = step;
  const whole = Math.floor(rows / size);
  const inLast = rows - whole * size;
  const parts = [
    { blocks: whole + (inLast > 0 ? 1 : 0), from: 0, to: inLast },
    { blocks: whole, from: inLast, to: size },
  ]
    .filter(({ blocks, from, to }) => blocks > 0 && from < to)
    .map((part) => {
      const count = (part.to - part.from) * width;
      const along = matrices.workspace.float64(asking * count);
      return { ...part, count, values: copied(part.blocks, count, matrices), along };
    });
  const attended = new AttentionRows(whole + 1, matrices.workspace);
  return {
    flops: parts.reduce((sum, { blocks, count }) => sum + asking * blocks * pairBackFlops(0, count), 0),
    run(at) {
      const [of, logs] = [matrices.factor(step.of, at), matrices.factor(step.logs, at)];
      const along = matrices.along(step.to, at);
      for (const { blocks, from, to, count, values, along: own } of parts) {
        values.sums.fill(0);
        const placeOf = (block: number): number => (block * size + from) * width;
        for (let block = 0; block < blocks; block++) {
          for (let i = 0; i < count; i++)
            values.values[block * count + i] = of.values[of.at + placeOf(block) + i];
        }
        for (let block = 0; block < asking; block++) {
          for (let i = 0; i < count; i++)
            own[block * count + i] = along.values[along.at + placeOf(block) + i];
        }
        const weighed = [{ values, along: own, alongAt: 0 }];
        const attention = { queries: logs, keys: null, weighed, scale: 1, bias: null, logSums: null };
        for (let block = 0; block < asking; block++) attended.stretch(attention, block, 0, blocks);
        for (let block = 0; block < blocks; block++) {
          for (let row = from; row < to; row++) {
            addToSums(of, block * size + row, 1, values.sums, block * count + (row - from) * width);
          }
        }
      }
    },
  };
}

/** A query attends the rows of its block in both keys: the two lie below one another in scratch. */
export function attendBlocksBack(step: AttendBlocks, matrices: MatricesBack): StepBack {
  const { rows, width: headDim } = matrices.prepare(step.queries);
  const counts = step.keys.map((name) => matrices.prepare(name).rows);
  const [{ width: valueDim }] = step.values.map((name) => matrices.prepare(name));
  matrices.prepare(step.to);
  const { size, scale } = step;
  const both = counts[0] + counts[1];
  const [keys, values] = [copied(both, headDim, matrices), copied(both, valueDim, matrices)];
  const list = new Int32Array(2 * size);
  matrices.workspace.add(list);
  const attended = new AttentionRows(2 * size, matrices.workspace);
  const listOf = (block: number): number => {
    let count = 0;
    for (const [index, before] of [0, counts[0]].entries()) {
      for (let row = block * size; row < Math.min((block + 1) * size, counts[index]); row++) {
        list[count++] = before + row;
      }
    }
    return count;
  };
  const bringIn = (names: readonly string[], to: Copied, at: Parameters<StepBack["run"]>[0]): void => {
    to.sums.fill(0);
    let place = 0;
    for (const [index, name] of names.entries()) {
      const from = matrices.factor(name, at);
      for (let i = 0; i < counts[index] * to.width; i++) to.values[place++] = from.values[from.at + i];
    }
  };
  const handOn = (names: readonly string[], from: Copied, at: Parameters<StepBack["run"]>[0]): void => {
    for (const [index, name] of names.entries()) {
      const to = matrices.factor(name, at);
      const before = index === 0 ? 0 : counts[0];
      for (let row = 0; row < counts[index]; row++)
        addToSums(to, row, 1, from.sums, (before + row) * from.width);
    }
  };
  let pairs = 0;
  for (let row = 0; row < rows; row++) pairs += listOf(Math.floor(row / size));
  return {
    flops: pairs * pairBackFlops(headDim, valueDim),
    run(at) {
      bringIn(step.keys, keys, at);
      bringIn(step.values, values, at);
      const along = matrices.along(step.to, at);
      const weighed = [{ values, along: along.values, alongAt: along.at }];
      const queries = matrices.factor(step.queries, at);
      const attention = { queries, keys, weighed, scale, bias: null, logSums: null };
      for (let row = 0; row < rows; row++) {
        attended.listed(attention, row, list, listOf(Math.floor(row / size)));
      }
      handOn(step.keys, keys, at);
      handOn(step.values, values, at);
    },
  };
}
