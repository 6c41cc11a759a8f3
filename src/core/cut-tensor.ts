/**
 * The first elements of a row-major tensor along every dimension: `to` has as many dimensions as `from`, none
 * of them larger.
 */
export function cutTensor(
  values: Float32Array,
  from: readonly number[],
  to: readonly number[],
): Float32Array {
  if (to.length !== from.length || to.some((size, at) => !(size <= from[at]))) {
    throw new RangeError(`cutTensor: [${to.join(", ")}] must be within [${from.join(", ")}]`);
  }
  const out = new Float32Array(to.reduce((count, size) => count * size, 1));
  forEachRun(from, to, (at, done, count) => out.set(values.subarray(at, at + count), done));
  return out;
}

/**
 * Visits the elements of such a part in runs that are contiguous: where a run is in the whole tensor, how many
 * elements of the part come before it, and how many it has.
 */
function forEachRun(
  from: readonly number[],
  to: readonly number[],
  visit: (at: number, done: number, count: number) => void,
): void {
  // Trailing dimensions that are taken whole make one run, and so does the one before them.
  let whole = from.length;
  while (whole > 0 && from[whole - 1] === to[whole - 1]) whole--;
  const within = Math.max(0, whole - 1);
  const count = to.slice(within).reduce((product, size) => product * size, 1);
  const steps = from.map((_, at) => from.slice(at + 1).reduce((product, size) => product * size, 1));
  let done = 0;
  const descend = (dimension: number, at: number): void => {
    if (dimension === within) {
      if (count > 0) visit(at, done, count);
      done += count;
      return;
    }
    for (let index = 0; index < to[dimension]; index++) descend(dimension + 1, at + index * steps[dimension]);
  };
  descend(0, 0);
}
