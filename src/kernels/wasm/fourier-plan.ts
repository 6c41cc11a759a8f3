/** Numbers with no larger prime factor are transformed by their factors; others as a convolution. */
const MOST_FACTOR = 61;
/** Bytes of numbers that are transformed at once: as many as stay near the core, twice over. */
const NEAR = 128 * 1024;

/** How a number of tokens is transformed. */
export interface FourierPlan {
  /** Numbers that are transformed: the tokens, or more where it is done as a convolution. */
  readonly size: number;
  readonly isConvolution: boolean;
  /** Rows of the matrix that the numbers are, and numbers of a row. */
  readonly parts: number;
  readonly across: number;
  /** Columns that are transformed at once. */
  readonly group: number;
}

/** Plans the transform of `length` tokens, each of which is `rowBytes` bytes of complex numbers. */
export function planFourier(length: number, rowBytes: number): FourierPlan {
  const isConvolution = primeFactors(length).some((factor) => factor > MOST_FACTOR);
  const size = isConvolution ? 2 ** Math.ceil(Math.log2(2 * length - 1)) : length;
  const near = Math.max(1, Math.floor(NEAR / rowBytes));
  let parts = 1;
  // Two that are about equal: the greatest divisor up to the root.
  if (size > near) {
    for (let divisor = 2; divisor * divisor <= size; divisor++) if (size % divisor === 0) parts = divisor;
  }
  const across = size / parts;
  const group = Math.min(across, Math.max(1, Math.floor(near / 4 / parts)));
  return { size, isConvolution, parts, across, group };
}

/** Prime factors in rising order. */
function primeFactors(n: number): number[] {
  const factors: number[] = [];
  let rest = n;
  for (let factor = 2; factor * factor <= rest; factor++) {
    for (; rest % factor === 0; rest /= factor) factors.push(factor);
  }
  return rest > 1 ? [...factors, rest] : factors;
}

/** A level of a transform: into how many it splits each part, and how many parts those are. */
export interface Level {
  readonly factor: number;
  readonly parts: number;
  /** `e^(-2πi·p·k/(factor·parts))` of p from 0 and k from 1, as pairs. */
  readonly twiddles: Float32Array;
  /** `e^(-2πi·m/factor)`, as pairs, for factors without a level of their own. */
  readonly roots: Float32Array;
}

/** Factors whose levels are written out. */
const WRITTEN: ReadonlySet<number> = new Set([2, 3, 4, 5]);

/** The levels of a transform of `n` numbers: by fours while there are, the others after them. */
export function levelsOf(n: number): readonly Level[] {
  const primes = primeFactors(n);
  const twos = primes.filter((prime) => prime === 2).length;
  const fours = Array.from({ length: Math.floor(twos / 2) }, () => 4);
  const factors = [...fours, ...primes.slice(twos - (twos % 2))];
  let rest = n;
  return factors.map((factor) => {
    const parts = rest / factor;
    const turns = Array.from({ length: parts * (factor - 1) }, (_, index) => {
      const p = Math.floor(index / (factor - 1));
      return p * (1 + (index % (factor - 1)));
    });
    const level = {
      factor,
      parts,
      twiddles: onCircle(turns, rest),
      roots: WRITTEN.has(factor)
        ? new Float32Array(0)
        : onCircle(
            Array.from({ length: factor }, (_, m) => m),
            factor,
          ),
    };
    rest = parts;
    return level;
  });
}

/** Operations of the levels for each complex number. */
export function levelFlops(levels: readonly Level[]): number {
  return levels.reduce((sum, { factor, parts }) => {
    const butterfly = { 2: 2, 3: 16 / 3, 4: 4, 5: 52 / 5 }[factor] ?? 8 * factor;
    return sum + butterfly + (parts > 1 ? (6 * (factor - 1)) / factor : 0);
  }, 0);
}

/** `e^(-2πi·turn/n)` of each turn, as pairs, made in float64. */
function onCircle(turns: ArrayLike<number>, n: number): Float32Array {
  const pairs = new Float32Array(2 * turns.length);
  for (let index = 0; index < turns.length; index++) {
    const angle = (2 * Math.PI * (turns[index] % n)) / n;
    pairs[2 * index] = Math.cos(angle);
    pairs[2 * index + 1] = -Math.sin(angle);
  }
  return pairs;
}

/** `e^(-2πi·n·k/size)`, `[across, parts]`, as pairs. */
export function twistsOf({ size, parts, across }: FourierPlan): Float32Array {
  const pairs = new Float32Array(2 * size);
  for (let n = 0; n < across; n++) {
    for (let k = 0; k < parts; k++) {
      const angle = (2 * Math.PI * ((n * k) % size)) / size;
      pairs[2 * (n * parts + k)] = Math.cos(angle);
      pairs[2 * (n * parts + k) + 1] = -Math.sin(angle);
    }
  }
  return pairs;
}
