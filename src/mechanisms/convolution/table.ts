import type { Quantity, TableRow } from "../../core/table-one.ts";
import { AT_ONCE } from "../table-row.ts";
import type { Convolution } from "./declare.ts";
import { windowOf } from "./window.ts";

/** The window of each token, through whose shorter side a path goes the longer way. */
export function table(mechanism: Convolution, causal: boolean): TableRow {
  const { form, taps } = mechanism;
  const window = windowOf(mechanism, causal);
  const { path } = window.terms?.(causal) ?? {};
  const matrix = form === "depthwise" ? 1 : 2;
  const perLayer: Quantity = {
    text: matrix === 1 ? "NKd" : "NKd²",
    letters: { K: taps },
    at: ({ length, headDim }) => length * taps * headDim ** matrix,
  };
  return { perLayer, sequential: AT_ONCE, ...(path && { path: [path] }), layers: [window] };
}
