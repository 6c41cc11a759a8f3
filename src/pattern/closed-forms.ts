/** Pairs of a band over `length` rows, truncated at the edges. */
export function bandPairs(length: number, left: number, right: number): number {
  return length + sideOfBand(length, left) + sideOfBand(length, right);
}

/** Sum over rows m = 0 … length-1 of min(width, m): the keys on one side of the diagonal. */
function sideOfBand(length: number, width: number): number {
  const reach = Math.min(width, length - 1);
  return (reach * (reach - 1)) / 2 + (length - reach) * reach;
}

/** Pairs of a comb: every residue class of n tokens is a band of `floor(reach / stride)` over n rows. */
export function combPairs(length: number, stride: number, reach: number): number {
  const steps = Math.floor(reach / stride);
  const shortClass = Math.floor(length / stride);
  const longClasses = length - shortClass * stride;
  const long = bandPairs(shortClass + 1, steps, steps);
  const short = shortClass === 0 ? 0 : bandPairs(shortClass, steps, steps);
  return longClasses * long + (stride - longClasses) * short;
}

/** Pairs whose query or key is one of `marked` tokens. */
export function crossPairs(length: number, marked: number): number {
  return 2 * length * marked - marked * marked;
}

/** Pairs of a band of blocks, `half` blocks on each side; the last block may be short. */
export function blockBandPairs(length: number, block: number, half: number): number {
  const blocks = Math.ceil(length / block);
  const size = Math.min(block, length);
  const lastSize = length - (blocks - 1) * size;
  const neighboursOfLast = Math.min(half, blocks - 1);
  const wholeBlockPairs = bandPairs(blocks, half, half) - 2 * neighboursOfLast - 1;
  return wholeBlockPairs * size * size + 2 * neighboursOfLast * size * lastSize + lastSize * lastSize;
}

/** Keys among `length` that are among the last `count` of their block; the last block may be short. */
export function columnKeys(length: number, block: number, count: number): number {
  const columns = Math.min(count, block);
  const blocks = Math.floor(length / block);
  return blocks * columns + Math.max(0, length - blocks * block - (block - columns));
}

/** Pairs at a distance of 0 or a power of two. */
export function powerPairs(length: number): number {
  let pairs = length;
  for (let distance = 1; distance < length; distance *= 2) pairs += 2 * (length - distance);
  return pairs;
}
