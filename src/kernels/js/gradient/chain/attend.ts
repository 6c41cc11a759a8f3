import type { Attend, LogSums } from "../../../../mechanisms/summary/declare.ts";
import { AttentionRows, pairBackFlops } from "../attention-rows.ts";
import type { MatricesBack, StepBack } from "./matrices.ts";

/** Cross attention on the way back, and the logarithms of its sums. */
export function attendBack(step: Attend, matrices: MatricesBack): StepBack {
  const { also = [], ended, scale } = step;
  const made = [{ to: step.to, values: step.values }, ...also];
  const queries = step.queries === null ? null : matrices.prepare(step.queries);
  const keys = step.keys === null ? null : matrices.prepare(step.keys);
  const widths = made.map(({ values }) => matrices.prepare(values).width);
  for (const name of [...made.map(({ to }) => to), step.bias, step.logSums]) {
    if (name !== undefined) matrices.prepare(name);
  }
  const count = matrices.prepare(step.values).rows;
  const rows = queries?.rows ?? keys?.width ?? 0;
  const attended = new AttentionRows(count, matrices.workspace);
  const seen = (row: number): number =>
    ended === undefined
      ? count
      : Math.max(0, Math.min(count, Math.floor((row + 1 + ended.keysBefore) / ended.size)));
  let pairs = 0;
  for (let row = 0; row < rows; row++) pairs += seen(row);
  const width = queries === null || keys === null ? 0 : keys.width;
  const valueDim = widths.reduce((sum, one) => sum + one, 0);
  return {
    flops: pairs * pairBackFlops(width, valueDim),
    run(at) {
      const attention = {
        queries: step.queries === null ? null : matrices.factor(step.queries, at),
        keys: step.keys === null ? null : matrices.factor(step.keys, at),
        weighed: made.map(({ to, values }) => {
          const along = matrices.along(to, at);
          return { values: matrices.factor(values, at), along: along.values, alongAt: along.at };
        }),
        scale,
        bias: step.bias === undefined ? null : matrices.factor(step.bias, at),
        logSums: step.logSums === undefined ? null : matrices.along(step.logSums, at).values,
      };
      for (let row = 0; row < rows; row++) attended.stretch(attention, row, 0, seen(row));
    },
  };
}

/** `of - ln Σ exp(…)`: what comes to a row goes to `of`, and with the opposite sign to the logarithm. */
export function lessLogSumsBack(step: LogSums, matrices: MatricesBack): StepBack {
  const { rows, width } = matrices.prepare(step.rows);
  for (const name of [step.of, step.bias, step.to]) matrices.prepare(name);
  const attended = new AttentionRows(rows, matrices.workspace);
  const negative = matrices.workspace.float64(rows);
  return {
    flops: rows * rows * pairBackFlops(width, 0),
    run(at) {
      const along = matrices.along(step.to, at);
      const of = matrices.factor(step.of, at);
      for (let row = 0; row < rows; row++) {
        negative[row] = -along.values[along.at + row];
        if (of.sums !== null) of.sums[of.sumsAt + row] -= negative[row];
      }
      const own = matrices.factor(step.rows, at);
      const attention = {
        queries: own,
        keys: own,
        weighed: [],
        scale: step.scale,
        bias: matrices.factor(step.bias, at),
        logSums: negative,
      };
      for (let row = 0; row < rows; row++) attended.stretch(attention, row, 0, rows);
    },
  };
}
