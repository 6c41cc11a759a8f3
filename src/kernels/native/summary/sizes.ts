import type { Shape } from "../../../core/shape.ts";
import { layoutBy, type TensorSpecs } from "../../../core/tensor-spec.ts";
import type { Step } from "../../../mechanisms/summary/declare.ts";
import { edgesOf } from "../../segment-edges.ts";

/** How large a matrix of a chain is, and whether each head of q has its own; otherwise each head of k and v has. */
export interface Size {
  readonly rows: number;
  readonly width: number;
  readonly perHead: boolean;
}

/** Sizes by name. */
export type Sizes = ReadonlyMap<string, Size>;

/** The sizes of what a chain reads, and of what those of its steps make that the family does. */
export function sizesIn(chain: readonly Step[], inputs: TensorSpecs, shape: Shape): Sizes {
  const { length, queries, headDim, valueDim } = shape;
  const sizes = new Map<string, Size>([
    ["q", { rows: queries, width: headDim, perHead: true }],
    ["k", { rows: length, width: headDim, perHead: false }],
    ["v", { rows: length, width: valueDim, perHead: false }],
  ]);
  for (const [name, spec] of Object.entries(inputs)) {
    const { rows, width } = layoutBy(shape, spec);
    sizes.set(name, { rows, width, perHead: true });
  }
  for (const step of chain) {
    const perHead = readBy(step).some((name) => sizeOf(sizes, name).perHead);
    for (const [name, rows, width] of madeBy(step, sizes)) sizes.set(name, { rows, width, perHead });
  }
  return sizes;
}

/** The size of a matrix. Throws a TypeError if no step before makes it and it is no input. */
export function sizeOf(sizes: Sizes, name: string): Size {
  const size = sizes.get(name);
  if (size === undefined) throw new TypeError(`chain: ${name} must be made before it is read`);
  return size;
}

/** The matrices that a step reads; none of one that the family does not do. */
export function readBy(step: Step): readonly string[] {
  switch (step.step) {
    case "means":
    case "log-sizes":
    case "half-squares":
    case "pseudo-inverse":
      return [step.of];
    case "sum":
      return step.of;
    case "product":
      return [step.a, step.b];
    case "weights":
      return [step.queries, step.keys];
    case "less-log-sums":
      return [step.of, step.rows, step.bias];
    case "attend": {
      const { queries, keys, values, also = [], bias = null } = step;
      const read = [queries, keys, values, bias, ...also.map((one) => one.values)];
      return read.filter((name) => name !== null);
    }
    default:
      return [];
  }
}

type Made = readonly [name: string, rows: number, width: number];

function madeBy(step: Step, sizes: Sizes): readonly Made[] {
  const of = (name: string): Size => sizeOf(sizes, name);
  switch (step.step) {
    case "means":
      return [[step.to, edgesOf(step.segments, of(step.of).rows).length - 1, of(step.of).width]];
    case "log-sizes":
      return [[step.to, edgesOf(step.segments, of(step.of).rows).length - 1, 1]];
    case "half-squares":
      return [[step.to, of(step.of).rows, 1]];
    case "less-log-sums":
      return [[step.to, of(step.rows).rows, 1]];
    case "sum":
      return [[step.to, of(step.of[0]).rows, of(step.of[0]).width]];
    case "pseudo-inverse":
      return [[step.to, of(step.of).rows, of(step.of).width]];
    case "product":
      return [[step.to, step.transposed ? of(step.a).width : of(step.a).rows, of(step.b).width]];
    case "weights":
      return [[step.to, of(step.queries).rows, of(step.keys).rows]];
    case "attend": {
      const rows = step.queries === null ? of(step.keys ?? "").width : of(step.queries).rows;
      const logs: Made[] = step.logSums === undefined ? [] : [[step.logSums, rows, 1]];
      const all = [step, ...(step.also ?? [])];
      return [...all.map(({ to, values }): Made => [to, rows, of(values).width]), ...logs];
    }
    default:
      return [];
  }
}
