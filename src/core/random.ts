/**
 * A seeded stream of random numbers: xoshiro128** (Blackman and Vigna 2018, arXiv 1805.01407), seeded through
 * a 32-bit mixer so that streams of neighbouring keys are unrelated. The same keys give the same stream on
 * every machine.
 */
export interface RandomStream {
  /** Uniform over the unsigned 32-bit integers. */
  uint32(): number;
  /** Uniform in [0, 1), a multiple of 2^-32. */
  uniform(): number;
  /** Uniform over the integers 0 … bound-1; `bound` from 1 to 2^32. */
  below(bound: number): number;
  /** Standard normal, by Box and Muller's transform. */
  gaussian(): number;
}

/** The stream named by a list of integers, such as `(seed, head, block)`. */
export function randomStream(...keys: readonly number[]): RandomStream {
  const state = new Uint32Array(4);
  let hash = 0x9e3779b9;
  for (const key of keys) {
    hash = mix(hash ^ mix((key | 0) ^ Math.imul(Math.floor(key / 2 ** 32), 0x85ebca6b)));
    hash = (hash + 0x6d2b79f5) | 0;
  }
  for (let word = 0; word < 4; word++) state[word] = mix(hash + Math.imul(word + 1, 0x9e3779b9));
  if ((state[0] | state[1] | state[2] | state[3]) === 0) state[0] = 1;
  let spare: number | undefined;

  const uint32 = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(state[1], 5), 7), 9) >>> 0;
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotateLeft(state[3], 11);
    return result;
  };
  const uniform = (): number => uint32() / 2 ** 32;
  return {
    uint32,
    uniform,
    below(bound) {
      if (!(Number.isInteger(bound) && bound >= 1 && bound <= 2 ** 32)) {
        throw new RangeError(`below: bound must be an integer from 1 to 2^32, got ${bound}`);
      }
      // Draws past the last whole multiple of the bound are rejected: they would favour small numbers.
      const limit = 2 ** 32 - (2 ** 32 % bound);
      let draw = uint32();
      while (draw >= limit) draw = uint32();
      return draw % bound;
    },
    gaussian() {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
  };
}

/** A 32-bit integer from a string (FNV-1a over its UTF-16 units), to name a stream by a word. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mix(hash) >>> 0;
}

/** The integers 0 … count-1 in a seeded order (Fisher and Yates). */
export function shuffled(count: number, random: RandomStream): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const pick = random.below(last + 1);
    [order[last], order[pick]] = [order[pick], order[last]];
  }
  return order;
}

/** `count` distinct integers from 0 … bound-1, uniform over all such sets, ascending (Floyd's algorithm). */
export function distinctBelow(bound: number, count: number, random: RandomStream): number[] {
  const chosen = new Set<number>();
  for (let top = bound - Math.min(count, bound); top < bound; top++) {
    const pick = random.below(top + 1);
    chosen.add(chosen.has(pick) ? top : pick);
  }
  return [...chosen].sort((a, b) => a - b);
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** Finaliser of MurmurHash3: every input bit reaches every output bit. */
function mix(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
