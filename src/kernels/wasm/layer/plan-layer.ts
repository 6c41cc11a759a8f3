import type { Problem } from "../../../core/problem.ts";
import { countOf, type Layout, layoutOf, type QKV, type TensorName } from "../../../core/shape.ts";
import {
  LAYER_GAMMA,
  LAYER_WEIGHTS,
  type Layer,
  positionsOf,
  rowOf,
  shapeOfHeads,
  widthOf,
} from "../../../mechanisms/layer/declare.ts";
import type { Build } from "../build.ts";
import type { LaneWords, ScratchPlan } from "../call.ts";
import { isPooled, makingOf, weightCounts } from "./sizes.ts";
import {
  type LaneRoom,
  type LayerStep,
  type ProductMeans,
  poolStep,
  productStep,
  type Side,
} from "./step.ts";

/** What a layer does around its heads, and where their tensors are. */
export interface LayerPlan {
  readonly heads: Readonly<Record<TensorName, Side>>;
  /** Those of the heads that are zeros whatever the tokens are. */
  readonly zeros: readonly Side[];
  readonly before: readonly LayerStep[];
  readonly after: readonly LayerStep[];
  /** The inputs that steps read besides tokens. */
  readonly names: readonly string[];
  /** What each thread has of its own. */
  lane(): LaneWords;
}

export function planLayer(problem: Problem<Layer>, { panelKeys }: Build, plan: ScratchPlan): LayerPlan {
  const { mechanism, shape, threads } = problem;
  const { pool } = mechanism;
  const shapeWithin = shapeOfHeads(mechanism, shape);
  const packed = plan.words(packedWords(problem, panelKeys));
  const means: ProductMeans = { packed, panelKeys, threads };
  const zeros: Side[] = [];
  const before: LayerStep[] = [];
  const names: string[] = [];
  const taken = <Name extends string | null>(name: Name): Name => {
    if (name !== null && !names.includes(name)) names.push(name);
    return name;
  };
  const placed = (layout: Layout): Side => ({ home: { place: plan.words(countOf(layout)) }, layout });
  const weightsOf = (name: keyof typeof LAYER_WEIGHTS) => ({
    matrix: taken(LAYER_WEIGHTS[name].matrix),
    bias: mechanism.biases ? taken(LAYER_WEIGHTS[name].bias) : null,
  });

  const made = (name: (typeof QKV)[number]): Side => {
    const layout = layoutOf(shapeWithin, name);
    const making = makingOf(mechanism, name);
    if (making === "zeros") {
      const side = placed(layout);
      zeros.push(side);
      return side;
    }
    const tokens: Side = { home: { tensor: name }, layout: layoutOf(shape, name) };
    const pixels = pool !== null && isPooled(mechanism, name) ? rowOf(pool, shape.length) : undefined;
    const whole = { ...layout, rows: tokens.layout.rows };
    let side: Side = { ...tokens, layout: whole };
    if (making !== "in place") {
      const table = taken(positionsOf(mechanism, name));
      side = placed(whole);
      const operands = making === "product" ? weightsOf(name) : { matrix: null, bias: null };
      before.push(productStep(tokens, side, { table, ...operands, residual: null }, means, plan));
    }
    if (pixels === undefined) return side;
    const squares = placed(layout);
    before.push(poolStep(side, squares, pixels, plan));
    return squares;
  };
  const heads = { q: made("q"), k: made("k"), v: made("v"), output: placed(layoutOf(shapeWithin, "output")) };
  const residual = mechanism.residual
    ? ({ tokens: "q", table: taken(positionsOf(mechanism, "q")), factor: taken(LAYER_GAMMA) } as const)
    : null;
  const output: Side = { home: { tensor: "output" }, layout: layoutOf(shape, "output") };
  const last = { table: null, ...weightsOf("output"), residual };
  const after = [productStep(heads.output, output, last, means, plan)];
  const room = (name: keyof LaneRoom): number =>
    Math.max(...[...before, ...after].map(({ lane }) => lane[name]));
  return {
    heads,
    zeros,
    before,
    after,
    names,
    lane: () => ({ queries: plan.words(room("queries")), output: plan.words(room("output")) }),
  };
}

/** Words of the largest matrix in panels: products follow one another, and pack into the same place. */
function packedWords({ mechanism, shape }: Problem<Layer>, panelKeys: number): number {
  const rows = Math.max(shape.headDim, shape.valueDim, widthOf(mechanism, "output", shape));
  return Math.max(...weightCounts(mechanism, shape)) + rows * (panelKeys - 1);
}
