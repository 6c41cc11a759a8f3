import type { Elementwise } from "../../../mechanisms/feature-map/declare.ts";
import type { FeatureRows } from "./feature-rows.ts";

/** φ of as many numbers as are asked for. */
type Apply = (from: Float32Array, at: number, count: number, to: Float64Array) => void;

/**
 * The forms of feature maps that this family writes itself; the others it calls as declared. Whole rows: a
 * fraction passed from one function to another is kept on the heap, unless V8 inlines.
 */
const own: Readonly<Record<string, Apply>> = {
  "elu+1": (from, at, count, to) => {
    for (let i = 0; i < count; i++) {
      const x = from[at + i];
      to[i] = x < 0 ? Math.exp(x) : 1 + x;
    }
  },
  relu: (from, at, count, to) => {
    for (let i = 0; i < count; i++) {
      const x = from[at + i];
      to[i] = Math.max(x, 0);
    }
  },
};

/** φ of each channel. */
export function elementwiseRows({ id, phi }: Elementwise, headDim: number): FeatureRows {
  const apply = Object.hasOwn(own, id) ? own[id] : asDeclared(phi);
  return {
    count: headDim,
    bytes: 0,
    learn() {},
    write: (from, at, rows, _position, to) => apply(from, at, rows * headDim, to),
  };
}

function asDeclared(phi: Elementwise["phi"]): Apply {
  return (from, at, count, to) => {
    for (let i = 0; i < count; i++) to[i] = phi(from[at + i]);
  };
}
