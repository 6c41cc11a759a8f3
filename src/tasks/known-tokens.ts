/** Which tokens each row knows of, a bit each. */
export interface Known {
  readonly rows: number;
  /** Words of a row, of 32 tokens each. */
  readonly words: number;
  /** `[rows, words]` */
  readonly bits: Uint32Array;
}

/** For each row those whose knowledge it takes in. */
type Reads = readonly (readonly number[])[];

/** Each of `length` tokens knows itself. */
export function knowing(length: number): Known {
  const known = empty(length, Math.ceil(length / 32));
  for (let token = 0; token < length; token++) {
    known.bits[token * known.words + (token >>> 5)] = (1 << (token & 31)) >>> 0;
  }
  return known;
}

/** Whether a row knows of a token; of none, -1, every row does. */
export function holds({ words, bits }: Known, row: number, token: number): boolean {
  return token < 0 || ((bits[row * words + (token >>> 5)] >>> (token & 31)) & 1) === 1;
}

/** What each row and those up to `convolution - 1` before it know: what a short causal convolution has of it. */
export function spread(known: Known, convolution: number): Known {
  return unionOf(
    known,
    Array.from({ length: known.rows }, (_, row) => {
      const width = Math.min(row + 1, Math.max(1, convolution));
      return Array.from({ length: width }, (_, back) => row - back);
    }),
  );
}

/** What rows know after a layer in which they read others, the short convolution before it, and the residual around. */
export function through(known: Known, reads: Reads, convolution: number): Known {
  const had = spread(known, convolution);
  const next = unionOf(
    had,
    // Without a key there is nothing that q could weigh.
    reads.map((keys, row) => (keys.length > 0 ? [row, ...keys] : [])),
  );
  for (let word = 0; word < next.bits.length; word++) next.bits[word] |= known.bits[word];
  return next;
}

/** What rows know that take in others' knowledge, and nothing else. */
export function unionOf({ words, bits }: Known, reads: Reads): Known {
  const union = empty(reads.length, words);
  for (const [row, keys] of reads.entries()) {
    for (const key of keys) {
      for (let word = 0; word < words; word++) union.bits[row * words + word] |= bits[key * words + word];
    }
  }
  return union;
}

function empty(rows: number, words: number): Known {
  return { rows, words, bits: new Uint32Array(rows * words) };
}
