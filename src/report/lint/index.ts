import { aboveCeiling } from "./above-ceiling.ts";
import type { Check } from "./check.ts";
import { coarseClock } from "./coarse-clock.ts";
import { farOffRound } from "./far-off-round.ts";
import { firstRound } from "./first-round.ts";
import { hiddenQuadratic } from "./hidden-quadratic.ts";
import { identicalRows } from "./identical-rows.ts";
import { missingCells } from "./missing-cells.ts";
import { moreThreads } from "./more-threads.ts";
import { moreWorkYetFaster } from "./more-work-yet-faster.ts";
import { mostlyProjections } from "./mostly-projections.ts";
import { notMonotone } from "./not-monotone.ts";
import { quickerWithGradients } from "./quicker-with-gradients.ts";
import { uncompared } from "./uncompared.ts";
import { unknownCeiling } from "./unknown-ceiling.ts";

/** The checks, in the order in which they report. A new one is a file here and a line below. */
export const checks: readonly Check[] = [
  hiddenQuadratic,
  notMonotone,
  moreWorkYetFaster,
  quickerWithGradients,
  identicalRows,
  aboveCeiling,
  unknownCeiling,
  moreThreads,
  mostlyProjections,
  missingCells,
  uncompared,
  coarseClock,
  firstRound,
  farOffRound,
];
