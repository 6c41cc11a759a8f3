/**
 * Round numbers for a logarithmic axis that spans `low` to `high`: powers of ten, with their doubles and fives where
 * the span is short. Both ends must be positive.
 */
export function logTicks(low: number, high: number): readonly number[] {
  if (!(0 < low && low <= high && high < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`logTicks: 0 < low ≤ high must hold, got ${low} and ${high}`);
  }
  const decades = Math.log10(high / low);
  const steps = decades > 3 ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); decade++) {
    for (const step of steps) {
      // Read from text, because 10 ** -7 times 3 is not the number that "3e-7" is.
      const tick = Number(`${step}e${decade}`);
      if (low <= tick && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

/** A Vega expression that gives each tick its text. Both come from numbers: no string of a results file enters it. */
export function labelExpression(ticks: readonly number[], format: (tick: number) => string): string {
  const texts = Object.fromEntries(ticks.map((tick) => [String(tick), format(tick)]));
  return `${JSON.stringify(texts)}[datum.value]`;
}
