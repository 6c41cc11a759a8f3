import type { Words } from "../words.ts";
import { ceiling } from "./ceiling.ts";
import type { Chart } from "./chart.ts";
import { bandwidth } from "./decode/bandwidth.ts";
import { generate } from "./decode/generate.ts";
import { tokenSpeedup } from "./decode/speedup.ts";
import { stateBytes } from "./decode/state.ts";
import { tokenTime } from "./decode/time.ts";
import { frontier } from "./frontier.ts";
import { gallery } from "./gallery.ts";
import { gateError } from "./gate-error.ts";
import { ideal } from "./ideal.ts";
import { pairs } from "./pairs.ts";
import { rounds } from "./rounds.ts";
import { speedup } from "./speedup.ts";
import { speedupWithPrepare } from "./speedup-with-prepare.ts";
import { time } from "./time.ts";
import { work } from "./work.ts";
import { workspace } from "./workspace.ts";

/**
 * The charts of a report on passes over whole sequences, in the order in which they are shown. A new one is a
 * file here and a line below.
 */
export const passCharts: readonly Chart[] = [
  time,
  speedup,
  speedupWithPrepare,
  frontier,
  work,
  pairs,
  workspace,
  ceiling,
  ideal,
];

/** Those of a report on steps, a token at a time. */
export const stepCharts: readonly Chart[] = [tokenTime, tokenSpeedup, generate, stateBytes, bandwidth];

/** Those that mean the same for all, in the words of the results. */
export function sharedCharts(words: Words): readonly Chart[] {
  return [gateError(words), rounds(words), gallery];
}
