type State = readonly [number, number, number, number];

/** xoshiro128** as its authors publish it (Blackman and Vigna 2018, arXiv 1805.01407), from a given state. */
export function xoshiroFrom(start: State): () => number {
  let [a, b, c, d] = start;
  return () => {
    const output = Math.imul(turn(Math.imul(b, 5), 7), 9) >>> 0;
    [a, b, c, d] = [a ^ b ^ d, a ^ b ^ c, a ^ c ^ (b << 9), turn(b ^ d, 11)];
    return output;
  };
}

/**
 * The state before four outputs. Each output is a bijection of the state's second word b, and what the update does to
 * that word three times over gives the other three.
 */
export function stateBefore(outputs: readonly number[]): State {
  const [b0, b1, b2, b3] = outputs.map((output) => {
    const rotated = Math.imul(output, 954437177); // 9⁻¹ mod 2^32
    return Math.imul(turn(rotated, 25), 3435973837); // 5⁻¹ mod 2^32
  });
  const aXorC = b0 ^ b1;
  const nextC = aXorC ^ (b0 << 9);
  const nextA = b2 ^ b1 ^ nextC;
  const nextD = b3 ^ b2 ^ nextC ^ (b1 << 9) ^ b1;
  const d = turn(nextD, 21) ^ b0;
  const a = nextA ^ b0 ^ d;
  return [a, b0, aXorC ^ a, d];
}

function turn(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
