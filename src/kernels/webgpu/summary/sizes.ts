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

/** The steps that this family does. */
export type DoneStep = Extract<Step, { readonly step: (typeof DONE)[number] }>;

const DONE = [
  ...(["means", "sum", "product", "attend", "weights", "pseudo-inverse"] as const),
  ...(["half-squares", "log-sizes", "less-log-sums", "convolve"] as const),
] as const;

export function isDone(step: Step): step is DoneStep {
  return DONE.some((one) => one === step.step);
}

/** The sizes of what a chain reads, and of what its steps make, by name. */
export function sizesIn(
  chain: readonly DoneStep[],
  inputs: TensorSpecs,
  shape: Shape,
): ReadonlyMap<string, Size> {
  const { length, queries, headDim, valueDim } = shape;
  const sizes = new Map<string, Size>([
    ["q", { rows: queries, width: headDim, perHead: true }],
    ["k", { rows: length, width: headDim, perHead: false }],
    ["v", { rows: length, width: valueDim, perHead: false }],
  ]);
  for (const [name, spec] of Object.entries(inputs)) {
    const { heads, rows, width } = layoutBy(shape, spec);
    sizes.set(name, { rows, width, perHead: heads > 1 || shape.heads === 1 });
  }
  const of = (name: string): Size => {
    const size = sizes.get(name);
    if (size === undefined) throw new TypeError(`chain: ${name} must be made before it is read`);
    return size;
  };
  for (const step of chain) {
    const perHead = readBy(step).some((name) => of(name).perHead);
    for (const { to, rows, width } of madeBy(step, of)) sizes.set(to, { rows, width, perHead });
  }
  return sizes;
}

/** The matrices that a step reads. */
function readBy(step: DoneStep): readonly string[] {
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
    case "convolve":
      return [step.of, step.values, step.taps];
    case "attend": {
      const { queries, keys, values, also = [], bias = null } = step;
      const read = [queries, keys, values, bias, ...also.map((one) => one.values)];
      return read.filter((name) => name !== null);
    }
    default:
      return step satisfies never;
  }
}

interface Made {
  readonly to: string;
  readonly rows: number;
  readonly width: number;
}

function madeBy(step: DoneStep, of: (name: string) => Size): readonly Made[] {
  const { to } = step;
  switch (step.step) {
    case "means":
      return [{ to, rows: edgesOf(step.segments, of(step.of).rows).length - 1, width: of(step.of).width }];
    case "log-sizes":
      return [{ to, rows: edgesOf(step.segments, of(step.of).rows).length - 1, width: 1 }];
    case "half-squares":
      return [{ to, rows: of(step.of).rows, width: 1 }];
    case "less-log-sums":
      return [{ to, rows: of(step.rows).rows, width: 1 }];
    case "sum":
      return [{ to, rows: of(step.of[0]).rows, width: of(step.of[0]).width }];
    case "pseudo-inverse":
    case "convolve":
      return [{ to, rows: of(step.of).rows, width: of(step.of).width }];
    case "product": {
      const { rows, width } = of(step.a);
      return [{ to, rows: step.transposed ? width : rows, width: of(step.b).width }];
    }
    case "weights":
      return [{ to, rows: of(step.queries).rows, width: of(step.keys).rows }];
    case "attend": {
      const rows = step.queries === null ? of(step.keys ?? "").width : of(step.queries).rows;
      const logs = step.logSums === undefined ? [] : [{ to: step.logSums, rows, width: 1 }];
      const all = [step, ...(step.also ?? [])];
      return [...all.map((one) => ({ to: one.to, rows, width: of(one.values).width })), ...logs];
    }
    default:
      return step satisfies never;
  }
}
