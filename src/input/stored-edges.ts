import { completeEdges, type Edges, MOST_EDGES } from "../core/edges.ts";
import { UsageError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import { type WholeFormat, wholeAt } from "./element-formats.ts";
import { isFloatFormat } from "./float-formats.ts";
import { readRange } from "./stored-tensor.ts";
import type { TensorSet } from "./tensor-set.ts";

const NAMES = { indptr: "edges.indptr", indices: "edges.indices" } as const;

/**
 * The edges of a graph over the tokens, beside q, k and v: integers `edges.indptr` `[length + 1]` and
 * `edges.indices` `[edges]`, the rows of a CSR matrix. Undefined if there are none. Anything else is a
 * UsageError that names it.
 */
export function storedEdges(set: TensorSet, { length }: Pick<Shape, "length">): Edges | undefined {
  const [hasRows, hasNodes] = [NAMES.indptr, NAMES.indices].map((name) => set.names.includes(name));
  if (!hasRows && !hasNodes) return undefined;
  if (hasRows !== hasNodes) {
    const [there, missing] = hasRows ? [NAMES.indptr, NAMES.indices] : [NAMES.indices, NAMES.indptr];
    throw new UsageError(
      `${set.where}: edges must have ${NAMES.indptr} and ${NAMES.indices}, got ${there} without ${missing}; save both`,
    );
  }
  const indptr = readWhole(set, NAMES.indptr);
  if (indptr.length !== length + 1) {
    throw new UsageError(
      `${set.where}: ${NAMES.indptr} must have ${length + 1} numbers, where the edges of each of ${length} tokens begin and where the last end, got ${indptr.length}; save the graph of these tokens`,
    );
  }
  return completeEdges({ indptr, indices: readWhole(set, NAMES.indices) }, `${set.where}: edges.`);
}

/** A tensor of one dimension as numbers; those beyond 2^53 are rounded, and are no nodes. */
function readWhole(set: TensorSet, name: string): Float64Array {
  const tensor = set.tensor(name);
  const { format, label, shape } = tensor;
  if (isFloatFormat(format) || format === "BOOL") {
    throw new UsageError(
      `${label} must be integers, such as I32 or I64, got ${format}; save it with .long()`,
    );
  }
  const whole: WholeFormat = format;
  if (shape.length !== 1) {
    throw new UsageError(
      `${label} must have one dimension, got [${shape.join(", ")}]; save the rows of a CSR matrix`,
    );
  }
  const [count] = shape;
  if (!(count <= MOST_EDGES)) {
    throw new UsageError(`${label} must have at most ${MOST_EDGES} numbers, got ${count}; take fewer`);
  }
  const numbers = new Float64Array(count);
  readRange(tensor, 0, count, (bytes, done, many) => {
    for (let at = 0; at < many; at++) numbers[done + at] = wholeAt(whole, bytes, at);
  });
  return numbers;
}
