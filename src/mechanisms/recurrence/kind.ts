import { everything } from "../../pattern/band.ts";
import type { Kind } from "../kind.ts";
import { causalPrefix } from "../laws/causal-prefix.ts";
import { deterministic } from "../laws/deterministic.ts";
import { forbiddenKeys } from "../laws/forbidden-keys.ts";
import { independentHeads } from "../laws/independent-heads.ts";
import type { Recurrence } from "./declare.ts";
import { recurrenceGradient } from "./gradient/index.ts";
import { recurrenceInputs } from "./inputs.ts";
import { recurrenceLaws } from "./laws/index.ts";
import { pathsFor, recurrenceOracle } from "./oracle.ts";
import { table } from "./table.ts";
import { gatesTaken, underCall } from "./under-call.ts";
import { leastStep, leastWork, stepWork, work } from "./work.ts";

/** Products that the gates of a channel take as long as; and products of the state that take as long as a rounded one. */
const GATE_PRODUCTS = 16;
const PLAIN_PRODUCTS = 8;

/**
 * Recurrences of a matrix, linear attention with a memory that fades or is corrected: RetNet, GLA, Mamba-2, DeltaNet, RWKV.
 * There is no softmax that they approximate.
 */
export const recurrenceKind: Kind<Recurrence> = {
  id: "recurrence",
  words: "a recurrence of matrices",
  causality: "always",
  freedoms: ["valueDim"],
  inputs: recurrenceInputs,
  gates: gatesTaken,
  under: underCall,
  whyNotUnder: (_mechanism, { mask }) =>
    mask === undefined
      ? null
      : "a recurrence reads one token after the other and takes no mask; omit the mask from the input",
  work,
  table,
  leastWork,
  step: {
    work: stepWork,
    leastWork: leastStep,
    residentBytes: (_task, _window, { stateBytes }) => stateBytes,
    keeps: () => "keeps d·d numbers and no keys",
  },
  pattern: everything,
  pairwise: false,
  sumsToOne: () => false,
  scoreScale: () => null,
  yardstick: () => null,
  opened: (mechanism) => mechanism,
  oracle: recurrenceOracle,
  sweeps: true,
  oracleProducts({ heads, length, headDim, usefulFlops }) {
    // An exact path, its float32 twin, and those beside them: fewer if tokens are many.
    const each = usefulFlops / 2 / PLAIN_PRODUCTS + GATE_PRODUCTS * headDim;
    return (1 + pathsFor({ length, width: headDim })) * heads * length * each;
  },
  laws: [deterministic, forbiddenKeys, independentHeads, causalPrefix, ...recurrenceLaws],
  gradient: recurrenceGradient,
};
