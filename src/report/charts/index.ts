import type { Chart } from "./chart.ts";
import { speedup } from "./speedup.ts";
import { time } from "./time.ts";
import { work } from "./work.ts";

/** The charts of a report, in the order in which they are shown. A new one is a file here and a line below. */
export const charts: readonly Chart[] = [time, speedup, work];
