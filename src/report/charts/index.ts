import { ceiling } from "./ceiling.ts";
import type { Chart } from "./chart.ts";
import { pairs } from "./pairs.ts";
import { speedup } from "./speedup.ts";
import { speedupWithPrepare } from "./speedup-with-prepare.ts";
import { time } from "./time.ts";
import { work } from "./work.ts";
import { workspace } from "./workspace.ts";

/** The charts of a report, in the order in which they are shown. A new one is a file here and a line below. */
export const charts: readonly Chart[] = [time, speedup, speedupWithPrepare, work, pairs, workspace, ceiling];
