/**
 * p-values adjusted for having looked at all of them (Holm 1979, Scand. J. Statist. 6, 65-70), in the given
 * order: rejecting whenever the adjusted value is at most α rejects a true hypothesis with probability at
 * most α over the whole list, however the values depend on one another. Refuses what is not a probability.
 */
export function holm(pValues: ArrayLike<number>): number[] {
  for (let index = 0; index < pValues.length; index++) {
    const p = pValues[index];
    if (!(0 <= p && p <= 1)) throw new RangeError(`holm: p-values must lie within 0 and 1, got ${p}`);
  }
  const order = Uint32Array.from({ length: pValues.length }, (_, index) => index).sort(
    (a, b) => pValues[a] - pValues[b],
  );
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]));
    adjusted[index] = largest;
  }
  return adjusted;
}
