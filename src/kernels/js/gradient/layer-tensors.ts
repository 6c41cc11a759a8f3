import { LAYER_GAMMA, LAYER_POSITIONS, LAYER_WEIGHTS } from "../../../mechanisms/layer/declare.ts";

/** Inputs of a layer that are its own. */
const OWN: readonly string[] = [
  ...Object.values(LAYER_WEIGHTS).flatMap(({ matrix, bias }) => [matrix, bias]),
  ...Object.values(LAYER_POSITIONS),
  LAYER_GAMMA,
];

/** Of the inputs that have a gradient those of the heads. */
export function headsAlso(also: readonly string[]): readonly string[] {
  return also.filter((name) => !OWN.includes(name));
}
