import type { ExactProblem } from "../../../core/problem.ts";
import { remembered } from "../../../core/remembered.ts";
import type { RowPlace } from "../../../core/rows.ts";
import { kvHeadOf } from "../../../core/shape.ts";
import type { Numbers } from "../../../core/tensors.ts";
import type { Rounding } from "../../oracle.ts";
import type { Selection } from "../declare.ts";
import { keysOf, valuesOf } from "./products.ts";

/** Means of the blocks of keys or values, `[blocks, width]`, and those of their sizes. */
export interface Means {
  readonly values: Float64Array;
  readonly sizes: Float64Array;
}

/** Those of the head that a row reads. */
type MeansOf = (place: RowPlace, round: Rounding) => Means;

/** Means of blocks of keys; the last block may be short. */
export function keyMeans({ inputs }: ExactProblem<Selection>, block: number): MeansOf {
  const { headDim } = inputs.shape;
  return means(inputs, headDim, block, (place) => keysOf(inputs, place));
}

/** Means of blocks of values. */
export function valueMeans({ inputs }: ExactProblem<Selection>, block: number): MeansOf {
  const { valueDim } = inputs.shape;
  return means(inputs, valueDim, block, (place) => valuesOf(inputs, place));
}

function means(
  { shape }: ExactProblem<Selection>["inputs"],
  width: number,
  block: number,
  rowsOf: (place: RowPlace) => Numbers,
): MeansOf {
  const known = new Map<Rounding, Map<string, Means>>();
  return (place, round) => {
    const ofRounding = remembered(known, round, () => new Map<string, Means>());
    return remembered(ofRounding, `${place.batch} ${kvHeadOf(shape, place.head)}`, () =>
      blockMeans(rowsOf(place), shape.length, width, block, round),
    );
  };
}

function blockMeans(rows: Numbers, length: number, width: number, block: number, round: Rounding): Means {
  const blocks = Math.ceil(length / block);
  const values = new Float64Array(blocks * width);
  const sizes = new Float64Array(blocks * width);
  for (let row = 0; row < length; row++) {
    const at = Math.floor(row / block) * width;
    for (let c = 0; c < width; c++) {
      const one = rows[row * width + c];
      values[at + c] = round(values[at + c] + one);
      sizes[at + c] += Math.abs(one);
    }
  }
  for (let at = 0; at < values.length; at++) {
    const first = Math.floor(at / width) * block;
    const count = Math.min(block, length - first);
    values[at] = round(values[at] / count);
    sizes[at] /= count;
  }
  return { values, sizes };
}
