import { UsageError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import type { StoredTensor } from "./stored-tensor.ts";

export interface CapturedTensors {
  readonly q: StoredTensor;
  readonly k: StoredTensor;
  readonly v: StoredTensor;
}

type Dimensions = readonly [batch: number, heads: number, length: number, headDim: number];

/**
 * The shape that q, k and v make together. k and v may have fewer heads than q, v another width, and queries
 * may be other tokens than keys. Refuses tensors that cannot be those of one call, and says what they may be.
 */
export function commonShape(where: string, tensors: CapturedTensors): Shape {
  const [q, k, v] = [tensors.q, tensors.k, tensors.v].map(fourDimensions);
  const problem = whyNotOneCall(q, k, v);
  if (problem === null) {
    const [[batch, heads, queries, headDim], [, kvHeads, length], [, , , valueDim]] = [q, k, v];
    return { batch, heads, kvHeads, length, queries, headDim, valueDim };
  }
  const [shapeQ, shapeK, shapeV] = [q, k, v].map((shape) => `[${shape.join(", ")}]`);
  const told = shapeK === shapeV ? `k and v ${shapeK}` : `k ${shapeK} and v ${shapeV}`;
  throw new UsageError(
    `${where}: q, k and v must be those of one call, got q ${shapeQ}, ${told}; ${problem}`,
  );
}

/** What is wrong with the tensors of a call, and what to do; null if nothing is. */
function whyNotOneCall(q: Dimensions, k: Dimensions, v: Dimensions): string | null {
  const [batch, heads, queries, headDim] = q;
  if (k[0] !== batch || v[0] !== batch) {
    return "the batches differ: save q, k and v of one call, expanded to one batch";
  }
  if (k[2] !== v[2] || k[1] !== v[1]) {
    return "k and v are not from one call: save q, k and v of the same call";
  }
  if (k[3] !== headDim) {
    return "queries and keys must have one width: save those that are multiplied with one another";
  }
  if (heads % k[1] === 0) return null;
  // Dimensions that fit nothing else are heads and tokens the wrong way round.
  const swapped = queries % k[2] === 0 && queries !== k[2];
  const todo = swapped
    ? "if they are [batch, length, heads, head_dim], save q.transpose(1, 2), and k and v likewise"
    : "save q, k and v of one call of one layer";
  return `${heads} query heads cannot share ${k[1]} key heads evenly: ${todo}`;
}

function fourDimensions({ label, shape }: StoredTensor): Dimensions {
  const [batch, heads, length, headDim] = shape;
  if (!(shape.length === 4 && shape.every((dimension) => dimension >= 1))) {
    const layer = shape.length === 3 ? ", or --layer if they are tokens, [batch, length, model dim]" : "";
    const advice = shape.length < 4 ? `; add what is missing with .unsqueeze(0)${layer}` : "";
    throw new UsageError(
      `${label} must be [batch, heads, length, head_dim], four positive dimensions, got [${shape.join(", ")}]${advice}`,
    );
  }
  return [batch, heads, length, headDim];
}
