/** What each cell took in one round; null if it was not measured. */
export type Round = readonly (number | null)[];

/**
 * The logarithm of each cell's median over rounds each of which counts as often as it was drawn: a function
 * of these numbers, which fills `into` and leaves NaN if none of a cell's rounds was drawn. The order of each
 * cell's values is found once, so that a resample of all cells costs a walk along it. Refuses what is not
 * positive and finite.
 */
export function drawnMedians(
  name: string,
  rounds: readonly Round[],
  cells: number,
): (drawn: ArrayLike<number>, into: Float64Array) => void {
  const sorted = Array.from({ length: cells }, (_, cell) => sortedCell(name, rounds, cell));
  return (drawn, into) => {
    for (const [cell, one] of sorted.entries()) into[cell] = Math.log(middle(one, drawn));
  };
}

/** The values of a cell in ascending order, and the round of each. */
interface SortedCell {
  readonly values: Float64Array;
  readonly rounds: Int32Array;
}

function sortedCell(name: string, rounds: readonly Round[], cell: number): SortedCell {
  const measured = rounds.flatMap((round, index) => {
    const value = round[cell];
    if (value === null) return [];
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`${name} must be positive and finite, got ${value}`);
    }
    return [{ value, index }];
  });
  measured.sort((a, b) => a.value - b.value);
  return {
    values: Float64Array.from(measured, ({ value }) => value),
    rounds: Int32Array.from(measured, ({ index }) => index),
  };
}

/** The median of the drawn values, NaN if there are none. */
function middle({ values, rounds }: SortedCell, drawn: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < rounds.length; at++) total += drawn[rounds[at]];
  if (total === 0) return Number.NaN;
  let lower = 0;
  let seen = drawn[rounds[0]];
  while (2 * seen < total) seen += drawn[rounds[++lower]];
  if (2 * seen > total) return values[lower];
  let upper = lower + 1;
  while (drawn[rounds[upper]] === 0) upper++;
  return (values[lower] + values[upper]) / 2;
}
