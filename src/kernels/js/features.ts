import type { Feature } from "../../core/variant.ts";

/** The forms of feature maps that this family writes itself; the others it calls as declared. */
const own: Readonly<Record<string, (x: number) => number>> = {
  "elu+1": (x) => (x < 0 ? Math.exp(x) : 1 + x),
};

/** φ as this family computes it. */
export function featureFunction({ id, phi }: Feature): (x: number) => number {
  return Object.hasOwn(own, id) ? own[id] : phi;
}
