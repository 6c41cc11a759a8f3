import { UsageError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import type { CapturedTensors } from "./common-shape.ts";
import type { StoredTensor } from "./stored-tensor.ts";

type Dimensions = readonly [batch: number, length: number, modelDim: number];

/**
 * The shape that a layer's query, key and value make together, of one head as wide as a token. Refuses tensors that cannot
 * be those of one call.
 */
export function tokenShape(where: string, tensors: CapturedTensors): Shape {
  const [q, k, v] = [tensors.q, tensors.k, tensors.v].map(tokenDimensions);
  const problem = whyNotOneCall(q, k, v);
  if (problem === null) {
    const [[batch, queries, headDim], [, length]] = [q, k];
    return { batch, heads: 1, kvHeads: 1, length, queries, headDim, valueDim: headDim };
  }
  const [shapeQ, shapeK, shapeV] = [q, k, v].map((shape) => `[${shape.join(", ")}]`);
  throw new UsageError(
    `${where}: query, key and value must be those of one call of a layer, got ${shapeQ}, ${shapeK} and ${shapeV}; ${problem}`,
  );
}

function whyNotOneCall(q: Dimensions, k: Dimensions, v: Dimensions): string | null {
  if (k[0] !== q[0] || v[0] !== q[0]) return "the batches differ: save them expanded to one batch";
  if (k[1] !== v[1]) return "key and value must have as many tokens: save those of the same call";
  if (k[2] === q[2] && v[2] === q[2]) return null;
  return "all three must be as wide as the model: a layer with a kdim or vdim of its own is not read";
}

function tokenDimensions({ label, shape }: StoredTensor): Dimensions {
  const [modelDim, length, ...before] = shape.toReversed();
  const batch = before.length === 2 ? before[1] : (before[0] ?? 1);
  const isOneHead = before.length < 2 || before[0] === 1;
  if (shape.length >= 2 && shape.length <= 4 && isOneHead && shape.every((size) => size >= 1)) {
    return [batch, length, modelDim];
  }
  const split =
    shape.length === 4 && before[0] > 1 ? "; heads that are already split are measured without layers" : "";
  throw new UsageError(
    `${label} must be [batch, length, model dim] or [length, model dim], positive dimensions, got [${shape.join(", ")}]${split}`,
  );
}
