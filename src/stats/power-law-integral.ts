/** A positive quantity at a positive place. */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

/**
 * The integral from 0 to `to` of a quantity that is known at ascending places: between two of them it is
 * taken for the power law through both, the straight line in logarithms, and below the first for the power
 * law of `exponentBelow`, from 0, that goes through it. Exact for power laws from the first place on. Null if
 * `to` lies beyond the last place, because nothing is known there, and if no place is given. Refuses what is
 * not positive and finite, and places that do not ascend.
 */
export function powerLawIntegral(samples: readonly Sample[], to: number, exponentBelow = 0): number | null {
  for (const [index, { at, value }] of samples.entries()) {
    const before = index === 0 ? 0 : samples[index - 1].at;
    if (!(before < at && at < Number.POSITIVE_INFINITY && 0 < value && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(
        `powerLawIntegral: places must rise from above 0 and values be positive and finite, got ${value} at ${at}`,
      );
    }
  }
  if (!(0 <= exponentBelow && exponentBelow < Number.POSITIVE_INFINITY)) {
    throw new RangeError(
      `powerLawIntegral: the exponent below must be from 0 and finite, got ${exponentBelow}`,
    );
  }
  if (!(0 < to && to < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`powerLawIntegral: the end must be positive and finite, got ${to}`);
  }
  const last = samples[samples.length - 1];
  if (last === undefined || to > last.at) return null;
  const [first] = samples;
  const share = Math.min(1, to / first.at);
  let sum = (first.value * first.at * share ** (exponentBelow + 1)) / (exponentBelow + 1);
  for (const [index, right] of samples.slice(1).entries()) {
    const left = samples[index];
    if (to <= left.at) break;
    sum += piece(left, right, Math.min(to, right.at));
  }
  return sum;
}

/**
 * From `left` to `to` of the power law through both: y·x·L·(eᵘ-1)/u, with L the width in logarithms and u =
 * (a+1)·L.
 */
function piece(left: Sample, right: Sample, to: number): number {
  const exponent = Math.log(right.value / left.value) / Math.log(right.at / left.at);
  const width = Math.log(to / left.at);
  const growth = (exponent + 1) * width;
  return left.value * left.at * width * (growth === 0 ? 1 : Math.expm1(growth) / growth);
}
