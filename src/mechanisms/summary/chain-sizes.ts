import type { Shape } from "../../core/shape.ts";
import { layoutBy, type TensorSpecs } from "../../core/tensor-spec.ts";
import type { Attend, Matrix, Segments, Step } from "./declare.ts";

/** How large a matrix of a chain is, and whether each head of q has its own; otherwise each head of k and v has. */
export interface Size {
  readonly rows: number;
  readonly width: number;
  readonly perHead: boolean;
}

/** Sizes by name, of what a chain reads and of what its steps make. */
export type Sizes = ReadonlyMap<Matrix, Size>;

/** The sizes of all matrices of a chain over a shape. */
export function sizesOf(steps: readonly Step[], inputs: TensorSpecs, shape: Shape): Sizes {
  const { length, queries, headDim, valueDim } = shape;
  const sizes = new Map<Matrix, Size>([
    ["q", { rows: queries, width: headDim, perHead: true }],
    ["k", { rows: length, width: headDim, perHead: false }],
    ["v", { rows: length, width: valueDim, perHead: false }],
  ]);
  for (const [name, spec] of Object.entries(inputs)) {
    const { heads, rows, width } = layoutBy(shape, spec);
    sizes.set(name, { rows, width, perHead: heads > 1 || shape.heads === 1 });
  }
  for (const step of steps) {
    const perHead = readBy(step).some((name) => sizeIn(sizes, name).perHead);
    for (const [name, rows, width] of madeBy(step, sizes)) sizes.set(name, { rows, width, perHead });
  }
  return sizes;
}

/** The size of a matrix. Throws if no step before makes it and it is no input. */
export function sizeIn(sizes: Sizes, name: Matrix): Size {
  const size = sizes.get(name);
  if (size === undefined) throw new TypeError(`chain: ${name} must be an input or made by a step before`);
  return size;
}

/** How many segments there are of so many rows. */
function segmentCount(rows: number, segments: Segments): number {
  return "count" in segments ? segments.count : Math.ceil(rows / segments.size);
}

/** Queries and keys of an attention. */
export function attendSize(step: Attend, sizes: Sizes): { queries: number; keys: number } {
  const keys = step.keys === null ? sizeIn(sizes, step.values).rows : sizeIn(sizes, step.keys).rows;
  const queries =
    step.queries === null ? sizeIn(sizes, step.keys as Matrix).width : sizeIn(sizes, step.queries).rows;
  return { queries, keys };
}

/** The matrices that a step reads. */
export function readBy(step: Step): readonly Matrix[] {
  switch (step.step) {
    case "attend": {
      const { queries, keys, values, also = [], bias } = step;
      const read = [queries, keys, values, ...also.map((one) => one.values), bias];
      return read.filter((name) => name !== null && name !== undefined);
    }
    case "sum":
      return step.of;
    case "product":
      return [step.a, step.b];
    case "weights":
      return [step.queries, step.keys];
    case "less-log-sums":
      return [step.of, step.rows, step.bias];
    case "convolve":
      return [step.of, step.values, step.taps];
    case "clusters":
      return [step.of, step.planes, step.starts];
    case "spread": {
      const { of, members, improved } = step;
      if (improved === undefined) return [of, members];
      return [of, members, improved.queries, improved.means, improved.keys, improved.values];
    }
    case "balance":
      return [step.queries, step.keys];
    case "mix-blocks":
      return [step.logs, step.of];
    case "attend-blocks":
      return [step.queries, ...step.keys, ...step.values];
    default:
      return [step.of];
  }
}

/** Names, rows and widths of what a step makes. */
export function madeBy(step: Step, sizes: Sizes): ReadonlyArray<readonly [Matrix, number, number]> {
  const of = (name: Matrix) => sizeIn(sizes, name);
  const { to } = step;
  switch (step.step) {
    case "means":
      return [[to, segmentCount(of(step.of).rows, step.segments), of(step.of).width]];
    case "log-sizes":
      return [[to, segmentCount(of(step.of).rows, step.segments), 1]];
    case "sum":
      return [[to, of(step.of[0]).rows, of(step.of[0]).width]];
    case "product":
      return [[to, step.transposed ? of(step.a).width : of(step.a).rows, of(step.b).width]];
    case "attend": {
      const { queries } = attendSize(step, sizes);
      const { values, also = [], logSums } = step;
      const outputs = [{ to, values }, ...also].map(
        (one) => [one.to, queries, of(one.values).width] as const,
      );
      return logSums === undefined ? outputs : [...outputs, [logSums, queries, 1]];
    }
    case "weights":
    case "balance":
      return [[to, of(step.queries).rows, of(step.keys).rows]];
    case "mix-blocks":
      return [[to, of(step.logs).rows * step.size, of(step.of).width]];
    case "attend-blocks":
      return [[to, of(step.queries).rows, of(step.values[0]).width]];
    case "pseudo-inverse":
    case "convolve":
      return [[to, of(step.of).rows, of(step.of).width]];
    case "half-squares":
    case "less-log-sums":
      return [[to, of(step.of).rows, 1]];
    case "clusters": {
      const { rows, width } = of(step.of);
      return [
        [to, Math.min(step.count, rows), width],
        [step.members, rows, 1],
      ];
    }
    case "spread":
      return [[to, of(step.members).rows, of(step.of).width]];
    default:
      return step satisfies never;
  }
}
