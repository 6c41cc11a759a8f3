import { FLOAT_BYTES, type Shape } from "../../../../core/shape.ts";
import type { Region } from "../../call/memory.ts";
import { fillProduct } from "../../products/block.ts";
import { type Places, TOKENS } from "../layout.ts";
import type { Plan } from "../plan.ts";
import type { BackPlaces } from "./layout.ts";

const WORD_BYTES = 8;

/** The products that go back through matrices of weights: those are found where an item's head has them, and sums where its segment does. */
export function writeWeightProducts(
  lane: Region,
  { places, back }: { readonly places: Places; readonly back: BackPlaces },
  { channels, words }: Plan,
  { headDim }: Shape,
): void {
  const place = (bytes: number): bigint => lane.address + BigInt(bytes);
  const { row } = places;
  const fill = (name: keyof typeof back.products, product: Parameters<typeof fillProduct>[2]): void =>
    fillProduct(lane.words, back.products[name] / WORD_BYTES, product);
  const side = headDim * FLOAT_BYTES;
  for (const [toKeys, toWeights, gradients, weightRow] of [
    ["decaysToKeys", "toDecays", back.rows.ofLogs, words.decayRow ?? side],
    ["writesToKeys", "toWrites", back.rows.ofWrites, side],
  ] as const) {
    const a = place(gradients);
    fill(toKeys, {
      ...{ a, aRow: row, aStep: FLOAT_BYTES, b: 0n, bRow: weightRow },
      ...{ c: place(back.rows.ofKeys), cRow: row, rows: TOKENS, columns: headDim, inner: headDim, add: true },
    });
    fill(toWeights, {
      ...{ a, aRow: FLOAT_BYTES, aStep: row, b: place(back.rows.given), bRow: row },
      ...{ c: 0n, cRow: channels * FLOAT_BYTES, rows: headDim, columns: channels, inner: TOKENS, add: true },
    });
  }
}
