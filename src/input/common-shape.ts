import { UsageError } from "../core/errors.ts";
import type { StoredTensor } from "./stored-tensor.ts";

export interface CapturedTensors {
  readonly q: StoredTensor;
  readonly k: StoredTensor;
  readonly v: StoredTensor;
}

export type Dimensions = readonly [batch: number, heads: number, length: number, headDim: number];

/** The shape that q, k and v have in common. Refuses differing ones, and names those that occur in models. */
export function commonShape(where: string, tensors: CapturedTensors): Dimensions {
  const [q, k, v] = [tensors.q, tensors.k, tensors.v].map(fourDimensions);
  const same = [k, v].every((other) => other.every((dimension, at) => dimension === q[at]));
  if (same) return q;
  const [shapeQ, shapeK, shapeV] = [q, k, v].map((shape) => `[${shape.join(", ")}]`);
  const told = shapeK === shapeV ? `k and v ${shapeK}` : `k ${shapeK} and v ${shapeV}`;
  throw new UsageError(
    `${where}: q, k and v must have one shape, got q ${shapeQ}, ${told}; ${explained(q, k, v)}`,
  );
}

/** What such shapes are called, and what to do. */
function explained(q: Dimensions, k: Dimensions, v: Dimensions): string {
  const kinds: { readonly name: string; readonly todo: string }[] = [];
  const [batch, heads, length, headDim] = q;
  if (k[0] !== batch || v[0] !== batch) {
    return "the batches differ: save q, k and v of one call, expanded to one batch";
  }
  if (k[2] !== v[2] || k[1] !== v[1])
    return "k and v are not from one call: save q, k and v of the same call";
  if (k[3] !== headDim)
    return "queries and keys must have one width: save those that are multiplied with one another";
  // Shapes that fit nothing else are heads and tokens the wrong way round.
  if (length !== k[2] && length > k[2] && length % k[2] === 0 && heads === k[1]) {
    kinds.push({
      name: `${length} queries to ${k[2]} keys`,
      todo: "if they are [batch, length, heads, head_dim], save q.transpose(1, 2), and k and v likewise",
    });
  } else if (length === 1) {
    kinds.push({
      name: `one query to ${k[2]} keys (a decode step with a cache)`,
      todo: "capture a call on a whole text instead, such as model(ids, use_cache=False), and decode its tokens with --mode decode",
    });
  } else if (length !== k[2]) {
    kinds.push({
      name: `${length} queries to ${k[2]} keys (cross-attention, or a part of a text with a cache)`,
      todo: "capture self-attention on a whole text, where queries and keys are the same tokens",
    });
  }
  if (heads !== k[1]) {
    const repeats = heads / k[1];
    if (!(Number.isInteger(repeats) && repeats > 1)) {
      return `${heads} query heads cannot share ${k[1]} key heads evenly: save q, k and v of one call of one layer`;
    }
    kinds.push({
      name: `${heads} query heads to ${k[1]} key/value ${k[1] === 1 ? "head (multi-query attention, MQA)" : "heads (grouped-query attention, GQA)"}`,
      todo: `repeat the heads: k.repeat_interleave(${repeats}, dim=1), and v likewise`,
    });
  }
  if (v[3] !== headDim) {
    const fill = `F.pad(v, (0, ${headDim - v[3]}))`;
    kinds.push({
      name: `values ${v[3]} wide to keys ${headDim} wide`,
      todo: v[3] < headDim ? `fill them up with zeros: ${fill}` : "there is no workaround",
    });
  }
  const names = kinds.map(({ name }) => name).join(", and ");
  const verb = kinds.length === 1 && names.startsWith("one ") ? "is" : "are";
  return `${names} ${verb} not supported yet; ${kinds.map(({ todo }) => todo).join("; ")}`;
}

function fourDimensions({ label, shape }: StoredTensor): Dimensions {
  const [batch, heads, length, headDim] = shape;
  if (!(shape.length === 4 && shape.every((dimension) => dimension >= 1))) {
    const advice = shape.length < 4 ? "; add what is missing with .unsqueeze(0)" : "";
    throw new UsageError(
      `${label} must be [batch, heads, length, head_dim], four positive dimensions, got [${shape.join(", ")}]${advice}`,
    );
  }
  return [batch, heads, length, headDim];
}
