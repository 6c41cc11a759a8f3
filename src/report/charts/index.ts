import { ceiling } from "./ceiling.ts";
import type { Chart } from "./chart.ts";
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

/** The charts of a report, in the order in which they are shown. A new one is a file here and a line below. */
export const charts: readonly Chart[] = [
  time,
  speedup,
  speedupWithPrepare,
  frontier,
  work,
  pairs,
  workspace,
  ceiling,
  ideal,
  gateError,
  rounds,
  gallery,
];
