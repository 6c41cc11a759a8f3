import type { Unit } from "../core/operation.ts";
import type { MediansByCase } from "../stats/round-medians.ts";
import { type Exponent, exponentText, growthOverRounds, isHiddenQuadratic } from "./growth.ts";
import type { Series } from "./series.ts";
import { type LimitCells, passLimits, prefill, saved, stepLimits } from "./tables/limit-cells.ts";
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

/**
 * The exponent fitted on time, null if none could be, and the declared one; that of the longest lengths if there time grows
 * clearly steeper than declared, else null.
 */
interface Growth {
  readonly time: Exponent | null;
  readonly declared: number;
  readonly steep: number | null;
}

const passPart: ReportPart = {
  limits: passLimits,
  facts: {},
  growth: passGrowth,
  growthText: exponentText,
};

/** The part of each unit. A new unit is a record here, one of `WORDS` and one of topics, and the compiler demands all. */
const PARTS: Readonly<Record<Unit, ReportPart>> = {
  training: passPart,
  gradients: { ...passPart, facts: { saved } },
  pass: passPart,
  step: {
    limits: stepLimits,
    facts: { prefill },
    growth: (series, times) => ({ ...tokenGrowth(series, times), steep: null }),
    growthText: tokenExponentText,
  },
};

function passGrowth(series: Series, times?: MediansByCase): Growth {
  const growth = growthOverRounds(series, times);
  return { ...growth, steep: isHiddenQuadratic(growth) ? (growth.upper?.time.slope ?? null) : null };
}

/** The part that the series of one unit belong to. */
export function partOf(series: readonly Series[]): ReportPart {
  return PARTS[unitOfAll(series)];
}
