import { QKV, type Shape } from "../../../core/shape.ts";
import { type Layer, positionsOf, widthOf } from "../../../mechanisms/layer/declare.ts";

/** How q, k or v of the heads comes about: by a product, as the tokens with something done to them, as they are, or as zeros. */
export type Making = "product" | "carried" | "in place" | "zeros";

type Name = (typeof QKV)[number];

/** Tokens that one head takes as they are need not be moved. */
export function makingOf(layer: Layer, name: Name): Making {
  const made = layer.made[name];
  if (made !== "tokens") return made;
  const heads = name === "q" ? layer.heads : layer.kvHeads;
  return heads === 1 && positionsOf(layer, name) === null ? "in place" : "carried";
}

/** Whether keys or values are pooled after that. */
export function isPooled({ pool }: Layer, name: Name): boolean {
  return pool !== null && name !== "q";
}

/** Numbers of each matrix of weights. */
export function weightCounts(layer: Layer, shape: Shape): number[] {
  const { headDim, valueDim } = shape;
  const products = QKV.filter((name) => layer.made[name] === "product");
  return [
    ...products.map((name) => headDim * widthOf(layer, name, shape)),
    widthOf(layer, "output", shape) * valueDim,
  ];
}
