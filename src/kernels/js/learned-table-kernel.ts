import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES, layoutOf, offsetIn } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { fullPairs } from "../../core/work.ts";
import { LEARNED } from "../../mechanisms/synthesizer/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Workspace } from "../workspace.ts";
import { packColumns } from "./pack.ts";
import { addProduct } from "./product.ts";
import { TILE } from "./tile-kernel.ts";

/**
 * Softmax over the rows of a learned table, `[heads, length, length]`. The largest number of a row is known before its
 * weights are taken, so that nothing is rescaled.
 */
export function prepareLearnedTable(problem: Problem, output: Float32Array): Runnable {
  const { shape, inputs, causal } = problem;
  const { batch, heads, length, valueDim } = shape;
  const workspace = new Workspace();
  const values = workspace.float64(TILE.keys * valueDim);
  const weights = workspace.float64(TILE.queries * TILE.keys);
  const sums = workspace.float64(TILE.queries * valueDim);
  const maxima = workspace.float64(TILE.queries);
  const totals = workspace.float64(TILE.queries);
  const [ofV, ofOutput] = [layoutOf(shape, "v"), layoutOf(shape, "output")];
  const endOf = (row: number): number => (causal ? row + 1 : length);

  /** Rows `first … first + rows - 1` of the table that begins at `tableAt`. */
  const runRows = (
    table: Float32Array,
    tableAt: number,
    first: number,
    rows: number,
    entry: number,
    head: number,
  ): void => {
    for (let r = 0; r < rows; r++) {
      const at = tableAt + (first + r) * length;
      let most = Number.NEGATIVE_INFINITY;
      for (let key = 0; key < endOf(first + r); key++) {
        const one = table[at + key];
        if (one > most) most = one;
      }
      maxima[r] = most;
      totals[r] = 0;
    }
    sums.fill(0);
    const valuesAt = offsetIn(ofV, entry, head, 0);
    const last = endOf(first + rows - 1);
    for (let key = 0; key < last; key += TILE.keys) {
      const count = Math.min(TILE.keys, last - key);
      packColumns(inputs.v, valuesAt, { count, token: (at) => key + at }, valueDim, values, TILE.keys);
      for (let r = 0; r < rows; r++) {
        const at = tableAt + (first + r) * length + key;
        const seen = Math.min(count, endOf(first + r) - key);
        let total = 0;
        for (let n = 0; n < seen; n++) {
          const weight = Math.exp(table[at + n] - maxima[r]);
          weights[r * TILE.keys + n] = weight;
          total += weight;
        }
        totals[r] += total;
      }
      if (endOf(first) >= key + count) {
        addProduct(weights, 0, TILE.keys, values, TILE.keys, sums, 0, valueDim, rows, valueDim, count);
        continue;
      }
      // Values that a row does not read may be anything.
      for (let r = 0; r < rows; r++) {
        const seen = Math.min(count, endOf(first + r) - key);
        if (seen <= 0) continue;
        addProduct(
          weights,
          r * TILE.keys,
          TILE.keys,
          values,
          TILE.keys,
          sums,
          r * valueDim,
          valueDim,
          1,
          valueDim,
          seen,
        );
      }
    }
    const outAt = offsetIn(ofOutput, entry, head, first);
    for (let r = 0; r < rows; r++) {
      const at = r * valueDim;
      for (let i = 0; i < valueDim; i++) output[outAt + at + i] = sums[at + i] / totals[r];
    }
  };

  const pairs = batch * heads * fullPairs(shape, causal);
  let keysRead = 0;
  for (let row = 0; row < length; row += TILE.queries)
    keysRead += endOf(Math.min(length, row + TILE.queries) - 1);
  return {
    run() {
      const table = tensorNamed(inputs, LEARNED.table);
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          for (let row = 0; row < length; row += TILE.queries) {
            runRows(table, head * length * length, row, Math.min(TILE.queries, length - row), entry, head);
          }
        }
      }
    },
    output: () => output,
    workspaceBytes: workspace.bytes,
    executedFlops: 2 * valueDim * pairs,
    // Each number of the table is read for the largest of its row, and once more.
    bytes: FLOAT_BYTES * (2 * pairs + batch * heads * valueDim * (keysRead + length)),
    dispose() {},
  };
}
