import type { Problem } from "../../../core/problem.ts";
import { countOf, type Layout, layoutOf, type QKV, type TensorName } from "../../../core/shape.ts";
import {
  LAYER_GAMMA,
  LAYER_WEIGHTS,
  type Layer,
  positionsOf,
  shapeOfHeads,
} from "../../../mechanisms/layer/declare.ts";
import { ownFloats } from "../call/own-floats.ts";
import type { Means } from "../means.ts";
import type { Side } from "./rows.ts";
import { carried, gathered, type LayerStep, type Planning, projection } from "./steps.ts";

/** What a layer does around its heads, and where their tensors are. */
export interface LayerPlan {
  readonly heads: Readonly<Record<TensorName, Side>>;
  readonly before: readonly LayerStep[];
  readonly after: readonly LayerStep[];
  /** Bytes of tensors of its own. */
  readonly bytes: number;
}

export function planLayer({ mechanism, shape, inputs, threads }: Problem<Layer>, means: Means): LayerPlan {
  const { ffi, output } = means;
  const planning: Planning = { inputs, means: { ffi, threads }, ones: ownFloats(ffi, 1).fill(1) };
  const within = shapeOfHeads(mechanism, shape);
  let bytes = 0;
  const own = (layout: Layout): Side => {
    bytes += countOf(layout) * Float32Array.BYTES_PER_ELEMENT;
    return { array: ownFloats(ffi, countOf(layout)), layout };
  };
  const weightsOf = (name: TensorName) => {
    const { matrix, bias } = LAYER_WEIGHTS[name];
    return { matrix, bias: mechanism.biases ? bias : null };
  };
  const before: LayerStep[] = [];
  const made = (name: (typeof QKV)[number]): Side => {
    const layout = layoutOf(within, name);
    const tokens: Side = { array: inputs[name], layout: layoutOf(shape, name) };
    const table = positionsOf(mechanism, name);
    switch (mechanism.made[name]) {
      case "zeros":
        return own(layout);
      case "tokens": {
        if (layout.heads === 1 && table === null) return { array: tokens.array, layout };
        const side = own(layout);
        before.push(carried(planning, tokens, side, table));
        return side;
      }
      case "product": {
        const placed = table === null ? tokens : own(tokens.layout);
        if (table !== null) before.push(carried(planning, tokens, placed, table));
        const side = own(layout);
        const product = isNarrow(layout) ? own(sideBySide(layout)) : side;
        before.push(projection(planning, placed, product, { ...weightsOf(name), gamma: null }));
        if (product !== side) before.push(carried(planning, product, side, null));
        return side;
      }
      default:
        return mechanism.made[name] satisfies never;
    }
  };
  const heads = { q: made("q"), k: made("k"), v: made("v"), output: own(layoutOf(within, "output")) };
  const result: Side = { array: output, layout: layoutOf(shape, "output") };
  const after: LayerStep[] = [];
  if (mechanism.residual) {
    const tokens: Side = { array: inputs.q, layout: layoutOf(shape, "q") };
    after.push(carried(planning, tokens, result, positionsOf(mechanism, "q")));
  }
  const isGathered = isNarrow(heads.output.layout);
  const from = isGathered ? own(sideBySide(heads.output.layout)) : heads.output;
  if (isGathered) after.push(gathered(planning, heads.output, from));
  const gamma = mechanism.residual ? LAYER_GAMMA : null;
  after.push(projection(planning, from, result, { ...weightsOf("output"), gamma }));
  return { heads, before, after, bytes };
}

/** Narrower heads are multiplied side by side: a tile of products is as wide, and its sums as long. */
const NARROW = 64;

function isNarrow({ heads, width }: Layout): boolean {
  return heads > 1 && width < NARROW;
}

function sideBySide(layout: Layout): Layout {
  return { ...layout, heads: 1, width: layout.heads * layout.width };
}
