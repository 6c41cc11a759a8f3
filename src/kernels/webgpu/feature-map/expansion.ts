/**
 * The features of a Taylor expansion, one word each: the numbers of two channels, 12 bits each, and what
 * their product is multiplied by, as a `WEIGHT`. The channel `channels` is always 1, so that the features are
 * 1, x, and the products of channels with themselves and with later ones: those with earlier ones are the
 * same, and are added once with √2 times the weight. Filled up with 0 to whole fours.
 */
export function expansionTable(channels: number): Uint32Array {
  const words: number[] = [];
  const one = channels;
  const add = (a: number, b: number, weight: number) => words.push(a + b * 2 ** 12 + weight * 2 ** 24);
  add(one, one, WEIGHT.one);
  for (let c = 0; c < channels; c++) add(c, one, WEIGHT.one);
  for (let a = 0; a < channels; a++) {
    add(a, a, WEIGHT.rootOfHalf);
    for (let b = a + 1; b < channels; b++) add(a, b, WEIGHT.one);
  }
  while (words.length % 4 !== 0) add(one, one, WEIGHT.zero);
  return Uint32Array.from(words);
}

/** What a product is multiplied by: 0, 1 or √½. */
export const WEIGHT = { zero: 0, one: 1, rootOfHalf: 2 } as const;

/** Channels that have numbers in such a word, the one of 1 among them. */
export const MOST_CHANNELS = 2 ** 12 - 1;
