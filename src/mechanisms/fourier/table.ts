import type { TableRow } from "../../core/table-one.ts";
import { ONE_LAYER } from "../table-row.ts";

/** A fast transform over tokens and channels, whose stages follow one another. */
export function table(): TableRow {
  return {
    perLayer: {
      text: "Nd·log₂(Nd)",
      at: ({ length, headDim }) => length * headDim * Math.log2(length * headDim),
    },
    sequential: [{ text: "log₂N", at: ({ length }) => Math.log2(length) }],
    path: ONE_LAYER,
  };
}
