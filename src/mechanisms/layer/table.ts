import type { Mechanism } from "../../core/mechanism.ts";
import { shapeOf } from "../../core/shape.ts";
import type { Quantity, TableRow } from "../../core/table-one.ts";
import type { Kind } from "../kind.ts";
import { ONE_LAYER } from "../table-row.ts";
import { type Layer, shapeOfHeads } from "./declare.ts";
import { work } from "./work.ts";

/**
 * The row of its heads, with the products around them: d is the width of a token. Its value is half of the operations,
 * a multiplication and an addition being one. The products are done one after the other, as often whatever N is.
 */
export function table(layer: Layer, causal: boolean, inner: Kind<Mechanism>): TableRow {
  const row = inner.table?.(layer.inner, causal) ?? {};
  if (row.perLayer === undefined) return row;
  const { text, letters } = row.perLayer;
  const perLayer: Quantity = {
    text: `Nd² + ${text}`,
    ...(letters && { letters }),
    at({ length, headDim }) {
      const shape = shapeOf({ batch: 1, heads: 1, length, headDim });
      // Of a length at which there are no keys nothing can be said.
      if (shapeOfHeads(layer, shape).length < 1) return null;
      return work({ mechanism: layer, shape, causal, threads: 1 }, inner).usefulFlops / 2;
    },
  };
  // Squares of pixels are no tokens, which a search could follow.
  if (layer.pool !== null) return { ...row, perLayer, path: ONE_LAYER, layers: [] };
  return { ...row, perLayer };
}
