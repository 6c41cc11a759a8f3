/** The names of a layer's weights among the inputs of a call: matrices `[from, to]`, and what is added to products with them. */
export const LAYER_WEIGHTS = {
  q: { matrix: "layer.wq", bias: "layer.bq" },
  k: { matrix: "layer.wk", bias: "layer.bk" },
  v: { matrix: "layer.wv", bias: "layer.bv" },
  output: { matrix: "layer.wo", bias: "layer.bo" },
} as const;

type Projection = keyof typeof LAYER_WEIGHTS;
type Part = "weight" | "bias";

/** What PyTorch's `MultiheadAttention` calls q's, k's and v's, one below the other. */
export const PACKED = { weight: "in_proj_weight", bias: "in_proj_bias" } as const;

/** How others name the weight or the bias of a product: packed with others, or alone, as PyTorch and Llama do. */
export function othersName(projection: Projection, part: Part): readonly string[] {
  if (projection === "output") return [`out_proj.${part}`, `o_proj.${part}`];
  return [PACKED[part], `${projection}_proj_${part}`, `${projection}_proj.${part}`];
}

/** Every name that others give to weights or biases of a layer's products. */
export function othersNames(part: Part): readonly string[] {
  return [...new Set(PROJECTIONS.flatMap((projection) => othersName(projection, part)))];
}

/** Every name of something that is added to a product, its own ones first. */
export function biasNames(): readonly string[] {
  return [...PROJECTIONS.map((projection) => LAYER_WEIGHTS[projection].bias), ...othersNames("bias")];
}

const PROJECTIONS: readonly Projection[] = ["q", "k", "v", "output"];
