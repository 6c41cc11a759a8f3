/**
 * Halving a group of rows must save at least this fraction of its tile area, or the smaller tiles are not
 * worth it.
 */
const LEAST_SAVING = 0.2;

/**
 * Cuts rows `from … to-1` into smaller groups if they differ so much that a common tile would be mostly empty
 * (a global row among local ones). `width` is the number of keys a group's tiles span, and `unit` rows are computed
 * together: fewer cost as much.
 */
export function splitRows(
  from: number,
  to: number,
  width: (from: number, to: number) => number,
  unit = 1,
): Array<readonly [from: number, to: number]> {
  const groups: Array<readonly [number, number]> = [];
  const areaOf = (low: number, high: number): number =>
    Math.ceil((high - low) / unit) * unit * width(low, high);
  const place = (low: number, high: number, area: number): void => {
    const rows = high - low;
    if (rows > 1 && area > 0) {
      const middle = low + (rows >> 1);
      const lowArea = areaOf(low, middle);
      const highArea = areaOf(middle, high);
      if (lowArea + highArea <= area * (1 - LEAST_SAVING)) {
        place(low, middle, lowArea);
        place(middle, high, highArea);
        return;
      }
    }
    groups.push([low, high]);
  };
  place(from, to, areaOf(from, to));
  return groups;
}
