import type { Unit } from "../core/operation.ts";
import type { MediansByCase } from "../stats/round-medians.ts";
import { type Exponent, exponentText, growthOverRounds } from "./growth.ts";
import type { Series } from "./series.ts";
import { type LimitCells, passLimits, prefill, stepLimits } from "./tables/limit-cells.ts";
import { tokenExponentText, tokenGrowth } from "./token-growth.ts";
import { unitOfAll } from "./words.ts";

/** What tables know of cases of one unit, besides its words. */
interface ReportPart {
  /** What bounds a case. */
  readonly limits: LimitCells;
  /** What else is known about it, besides what is known about every case. */
  readonly facts: LimitCells;
  /** How the time of a series grows with length. */
  readonly growth: (series: Series, times?: MediansByCase) => Growth;
  readonly growthText: (exponent: Exponent) => string;
}

/** The exponent fitted on time, null if none could be, and the declared one. */
interface Growth {
  readonly time: Exponent | null;
  readonly declared: number;
}

/** The part of each unit. A new unit is a record here, one of `WORDS` and one of topics, and the compiler demands all. */
const PARTS: Readonly<Record<Unit, ReportPart>> = {
  pass: {
    limits: passLimits,
    facts: {},
    growth: growthOverRounds,
    growthText: exponentText,
  },
  step: {
    limits: stepLimits,
    facts: { prefill },
    growth: tokenGrowth,
    growthText: tokenExponentText,
  },
};

/** The part that the series of one unit belong to. */
export function partOf(series: readonly Series[]): ReportPart {
  return PARTS[unitOfAll(series)];
}
