/**
 * Round numbers for a logarithmic axis that spans `low` to `high`, both positive: two or more if the span is
 * a factor of 1.3, and one within a factor of 3.4 of either end. Powers of ten if the span is long, with
 * their threes or their doubles and fives if it is shorter, evenly spaced numbers if it is short.
 */
export function logTicks(low: number, high: number): readonly number[] {
  if (!(0 < low && low <= high && high < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`logTicks: 0 < low ≤ high must hold, got ${low} and ${high}`);
  }
  const decades = Math.log10(high) - Math.log10(low);
  if (decades <= 0.7) return evenTicks(low, high);
  if (decades <= 1.5) return stepTicks(low, high, [1, 2, 5]);
  const ticks = stepTicks(low, high, [1, 3]);
  if (decades <= 5) return ticks;
  return ticks.filter(
    (tick, index) => index === 0 || index === ticks.length - 1 || !tick.toExponential().startsWith("3"),
  );
}

/**
 * The same for bytes: powers of two, evenly spaced, at most nine; round numbers if the span holds too few.
 */
export function byteTicks(low: number, high: number): readonly number[] {
  const [first, last] = [Math.ceil(Math.log2(low)), Math.floor(Math.log2(high))];
  if (last - first < 1) return logTicks(low, high);
  const step = [1, 2, 5, 10].find((step) => (last - first) / step < 9) ?? 100;
  const ticks: number[] = [];
  for (let power = step * Math.ceil(first / step); power <= last; power += step) ticks.push(2 ** power);
  return ticks.length < 2 ? logTicks(low, high) : ticks;
}

function stepTicks(low: number, high: number, steps: readonly number[]): readonly number[] {
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

/** Multiples of the longest round step that has three within the span; fewer only where numbers end. */
function evenTicks(low: number, high: number): readonly number[] {
  const decade = Math.floor(Math.log10(high - low));
  let ticks: number[] = [];
  for (const [step, power] of [
    [5, decade],
    [2, decade],
    [1, decade],
    [5, decade - 1],
    [2, decade - 1],
  ]) {
    const size = Number(`${step}e${power}`);
    if (!(size > 0)) break;
    ticks = [];
    for (let multiple = Math.ceil(low / size); multiple <= Math.floor(high / size); multiple++) {
      ticks.push(Number(`${multiple * step}e${power}`));
    }
    if (ticks.length >= 3) break;
  }
  return ticks;
}

/** The fewest significant digits that write every tick as it is, and no two alike. */
export function digitsOf(ticks: readonly number[], format: (tick: number, digits: number) => string): number {
  for (let digits = 1; digits < 6; digits++) {
    const exact = ticks.every((tick) => Number(tick.toPrecision(digits)) === tick);
    if (exact && new Set(ticks.map((tick) => format(tick, digits))).size === ticks.length) return digits;
  }
  return 6;
}

/**
 * A Vega expression that gives each tick its text; `tick` is the expression that holds it. Both come from
 * numbers: no string of a results file enters it.
 */
export function labelExpression(
  ticks: readonly number[],
  format: (tick: number) => string,
  tick = "datum.value",
): string {
  const texts = Object.fromEntries(ticks.map((tick) => [String(tick), format(tick)]));
  return `${JSON.stringify(texts)}[${tick}]`;
}
