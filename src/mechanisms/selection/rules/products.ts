import type { RowPlace } from "../../../core/rows.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../../core/shape.ts";
import type { AttentionInputs, Numbers } from "../../../core/tensors.ts";
import type { Rounding } from "../../oracle.ts";
import type { PairScore } from "../../softmax-pattern/oracle-scores.ts";

/** A row's q. */
export function queryAt({ shape, q }: AttentionInputs<Numbers>, { batch, head, row }: RowPlace): Numbers {
  const layout = layoutOf(shape, "q");
  const at = offsetIn(layout, batch, head, row);
  return q.subarray(at, at + layout.width);
}

/** The keys of the head of k that a head of q reads, `[length, headDim]`. */
export function keysOf({ shape, k }: AttentionInputs<Numbers>, { batch, head }: RowPlace): Numbers {
  const layout = layoutOf(shape, "k");
  const at = offsetIn(layout, batch, kvHeadOf(shape, head), 0);
  return k.subarray(at, at + layout.rows * layout.width);
}

/** `q · k`, k beginning at a place; `sizes` are those of k's numbers before anything cancelled, its own if null. */
export function product(
  q: Numbers,
  k: ArrayLike<number>,
  at: number,
  sizes: ArrayLike<number> | null,
  round: Rounding,
): PairScore {
  let value = 0;
  let size = 0;
  for (let c = 0; c < q.length; c++) {
    const term = round(q[c] * k[at + c]);
    value = round(value + term);
    size += sizes === null ? Math.abs(term) : Math.abs(q[c]) * sizes[at + c];
  }
  return { value, size };
}

/** The values of the head of v that a head of q reads, `[length, valueDim]`. */
export function valuesOf({ shape, v }: AttentionInputs<Numbers>, { batch, head }: RowPlace): Numbers {
  const layout = layoutOf(shape, "v");
  const at = offsetIn(layout, batch, kvHeadOf(shape, head), 0);
  return v.subarray(at, at + layout.rows * layout.width);
}
