import { QKV } from "../../core/shape.ts";
import { everything } from "../../pattern/band.ts";
import type { Kind } from "../kind.ts";
import { causalPrefix } from "../laws/causal-prefix.ts";
import { deterministic } from "../laws/deterministic.ts";
import { forbiddenKeys } from "../laws/forbidden-keys.ts";
import { independentHeads } from "../laws/independent-heads.ts";
import { disturbedPaths } from "../swept-heads.ts";
import { type Cell, STATES } from "./declare.ts";
import { cellGradient } from "./gradient/index.ts";
import { cellLaws } from "./laws/index.ts";
import { cellOracle } from "./oracle.ts";
import { table } from "./table.ts";
import { cellWeights } from "./weights.ts";
import { leastStep, leastWork, stepWork, work } from "./work.ts";

/**
 * Products that the gates of a channel take as long as, exponentials and all; and how many of those with weights, which
 * go through no rounding function, take as long as one that does.
 */
const GATE_PRODUCTS = 16;
const PLAIN_PRODUCTS = 8;

/**
 * Recurrent cells, the baselines that self-attention replaced: Elman 1990, Hochreiter and Schmidhuber 1997, Feng et al.
 * 2024. No freedoms: a channel of the output belongs to one of v, and its gates to the same channel of q and k.
 */
export const cellKind: Kind<Cell> = {
  id: "cell",
  words: "a recurrence",
  causality: "always",
  reads({ cell }) {
    if (cell === "min-lstm") return QKV;
    return cell === "min-gru" ? ["k", "v"] : ["v"];
  },
  inputs: cellWeights,
  under: (mechanism) => mechanism,
  whyNotUnder(_mechanism, { mask, scale }) {
    if (mask !== undefined) {
      return "a recurrent cell reads one token after the other and takes no mask; omit the mask from the input";
    }
    return scale === undefined
      ? null
      : "a recurrent cell has no q·k to scale; omit --scale, or the scale from the input";
  },
  work,
  table,
  leastWork,
  step: {
    work: stepWork,
    leastWork: leastStep,
    residentBytes: (_task, _window, { stateBytes }) => stateBytes,
    keeps: ({ cell }) => `keeps ${STATES[cell] === 1 ? "d" : `${STATES[cell]}·d`} numbers and no keys`,
  },
  pattern: everything,
  pairwise: false,
  sumsToOne: () => false,
  scoreScale: () => null,
  yardstick: () => null,
  oracle: cellOracle,
  gradient: cellGradient,
  sweeps: true,
  oracleProducts({ heads, length, headDim, usefulFlops }) {
    // An exact path and those beside it.
    const each = usefulFlops / 2 / PLAIN_PRODUCTS + GATE_PRODUCTS * headDim;
    return (1 + disturbedPaths(headDim)) * heads * length * each;
  },
  laws: [deterministic, forbiddenKeys, independentHeads, causalPrefix, ...cellLaws],
};
