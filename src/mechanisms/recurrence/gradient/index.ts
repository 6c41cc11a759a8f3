import type { GradientKind } from "../../gradient/gradient-kind.ts";
import type { Recurrence } from "../declare.ts";
import { recurrenceInputs } from "../inputs.ts";
import { pathsFor } from "../oracle.ts";
import { recurrenceGradientLaws } from "./laws.ts";
import { recurrenceGradientOracle } from "./oracle.ts";
import { gradientWork, leastGradientWork } from "./work.ts";

/** Products of the state that take as long as a rounded one, and those that the gates of a channel take as long as. */
const PLAIN_PRODUCTS = 8;
const GATE_PRODUCTS = 64;

/** The gradient of recurrences of matrices: through the state, and through its gates to what they are made of. */
export const recurrenceGradient: GradientKind<Recurrence> = {
  also: (mechanism) => Object.keys(recurrenceInputs(mechanism)),
  oracle: recurrenceGradientOracle,
  work: gradientWork,
  leastWork: leastGradientWork,
  oracleProducts({ heads, length, headDim, usefulFlops }) {
    // States are computed twice more.
    const each = usefulFlops / PLAIN_PRODUCTS + GATE_PRODUCTS * headDim;
    return (1 + pathsFor({ length, width: headDim })) * heads * length * each;
  },
  laws: recurrenceGradientLaws,
};
