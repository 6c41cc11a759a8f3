import { shapeOf } from "../../core/shape.ts";
import type { Quantity, TableRow } from "../../core/table-one.ts";
import { AT_ONCE, ONE_LAYER, SCANNED, SCANNED_PATH } from "../table-row.ts";
import type { Aft } from "./declare.ts";
import { work } from "./work.ts";

/** Keys with a bias are weighed for each query by itself, the others summed once. */
export function table(mechanism: Aft, causal: boolean): TableRow {
  const { biases } = mechanism;
  const summed = biases === null || biases.window > 0;
  return {
    perLayer: perLayer(mechanism, causal),
    sequential: causal && summed ? SCANNED : AT_ONCE,
    path: causal && summed ? SCANNED_PATH : ONE_LAYER,
  };
}

/** Without the factors of the tables of positions, and the 4 operations of each pair and channel. */
function perLayer({ biases, ...rest }: Aft, causal: boolean): Quantity {
  if (biases === null) return { text: "Nd", at: ({ length, headDim }) => length * headDim };
  const mechanism = { ...rest, biases: { ...biases, rank: 0 } };
  return {
    ...(biases.window === 0
      ? { text: "N²d" }
      : { text: causal ? "Nwd" : "N(2w − 1)d", letters: { w: biases.window } }),
    at: ({ length, headDim }) =>
      work({ mechanism, shape: shapeOf({ batch: 1, heads: 1, length, headDim }), causal, threads: 1 })
        .usefulFlops / 4,
  };
}
