import type { TableRow } from "../../core/table-one.ts";
import { fullPairs } from "../../core/work.ts";
import { AT_ONCE, ONE_LAYER } from "../table-row.ts";
import type { Synthesizer } from "./declare.ts";

/** Of every pair a logit, if it is computed, and a product with d channels. */
export function table({ logits }: Synthesizer, causal: boolean): TableRow {
  const rank = logits.kind === "factors" ? logits.rank : 0;
  return {
    perLayer: {
      text: rank > 0 ? "N²(r + d)" : "N²d",
      ...(rank > 0 && { letters: { r: rank } }),
      at: ({ length, headDim }) => fullPairs({ length, queries: length }, causal) * (rank + headDim),
    },
    sequential: AT_ONCE,
    path: ONE_LAYER,
  };
}
