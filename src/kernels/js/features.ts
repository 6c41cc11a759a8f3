import { elementwise, type Feature } from "../../mechanisms/feature-map/declare.ts";

/** The forms of feature maps that this family writes itself; the others it calls as declared. */
const own: Readonly<Record<string, (x: number) => number>> = {
  "elu+1": (x) => (x < 0 ? Math.exp(x) : 1 + x),
};

/** φ as this family computes it. */
export function featureFunction(feature: Feature): (x: number) => number {
  const { id, phi } = elementwise(feature);
  return Object.hasOwn(own, id) ? own[id] : phi;
}

/** φ of the numbers from `at` on, as many as `to` has. */
export type FeatureRow = (from: Float32Array, at: number, to: Float64Array) => void;

/**
 * Forms of whole rows: a fraction passed from one function to another is kept on the heap, unless V8 inlines.
 */
const ownRows: Readonly<Record<string, FeatureRow>> = {
  "elu+1": (from, at, to) => {
    for (let i = 0; i < to.length; i++) {
      const x = from[at + i];
      to[i] = x < 0 ? Math.exp(x) : 1 + x;
    }
  },
};

/** The same φ over a row. */
export function featureRow(feature: Feature): FeatureRow {
  const { id, phi } = elementwise(feature);
  if (Object.hasOwn(ownRows, id)) return ownRows[id];
  return (from, at, to) => {
    for (let i = 0; i < to.length; i++) to[i] = phi(from[at + i]);
  };
}
