import { FLOAT32_EPSILON, FLOAT32_LEAST } from "../../../core/error-budget.ts";
import { randomStream } from "../../../core/random.ts";
import type { Numbers } from "../../../core/tensors.ts";
import { float32, float64, type Rounding, sumsOf } from "../../oracle.ts";

/** Numbers, or a part of them: from `at` on, `step` apart. */
export interface Strided {
  readonly of: Numbers;
  readonly at: number;
  readonly step: number;
}

/** Some rows of a matrix, `[rows, width]`, one after the other in memory. */
export interface Listed {
  readonly of: Numbers;
  readonly width: number;
  readonly list: ArrayLike<number>;
}

/**
 * How a reference computes: exactly, with every result rounded, or with every result moved by as much as a rounding. What is
 * done to many numbers is one call: a call for each would take several times as long as what it does.
 */
export interface Arithmetic {
  /**
   * Whether results are moved at random: what a kernel may compute in two ways is then moved twice, as the two may differ where
   * they cancel. Omitted if not.
   */
  readonly isDisturbed?: true;
  /** The result of one operation. */
  readonly round: Rounding;
  /** The same of the first `count` numbers, in place. */
  roundAll(numbers: Float64Array, count: number): void;
  /** `Σ x_i` of the first `count` numbers. */
  sum(numbers: Float64Array, count: number): number;
  /** `Σ x_i y_i` of so many numbers. */
  dot(x: Strided, y: Strided, count: number): number;
  /** `to_t = Σ_i x_i row_i`, for row `list[t]`, of a vector that lies together from `at` on. */
  dots(x: Numbers, at: number, rows: Listed, to: Float64Array): void;
  /** `to_i += factor · x_i`, of so many numbers of each that lie together. */
  add(factor: number, x: Numbers, at: number, to: Float64Array, toAt: number, count: number): void;
}

/** Products that are summed by themselves first, so that a long sum rounds as often as kernels' do. */
const BLOCK = 64;

/** With every result rounded. */
export function arithmeticOf(round: Rounding): Arithmetic {
  if (round === float64) return exactly;
  return round === float32 ? singly : stepwise(round);
}

const exactly: Arithmetic = {
  round: float64,
  roundAll() {},
  sum(numbers, count) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += numbers[i];
    return sum;
  },
  dot(x, y, count) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += x.of[x.at + i * x.step] * y.of[y.at + i * y.step];
    return sum;
  },
  dots(x, at, { of, width, list }, to) {
    const count = list.length;
    let t = 0;
    // Four rows at once: a sum waits for its own last addition.
    for (; t + 3 < count; t += 4) {
      const [i, j, k, l] = [list[t] * width, list[t + 1] * width, list[t + 2] * width, list[t + 3] * width];
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let n = 0; n < width; n++) {
        const one = x[at + n];
        a += one * of[i + n];
        b += one * of[j + n];
        c += one * of[k + n];
        d += one * of[l + n];
      }
      to[t] = a;
      to[t + 1] = b;
      to[t + 2] = c;
      to[t + 3] = d;
    }
    for (; t < count; t++) {
      const row = list[t] * width;
      let sum = 0;
      for (let n = 0; n < width; n++) sum += x[at + n] * of[row + n];
      to[t] = sum;
    }
  },
  add(factor, x, at, to, toAt, count) {
    for (let i = 0; i < count; i++) to[toAt + i] += factor * x[at + i];
  },
};

/** Loops of its own: through a function they take many times as long. */
const singly: Arithmetic = {
  round: float32,
  roundAll(numbers, count) {
    for (let i = 0; i < count; i++) numbers[i] = Math.fround(numbers[i]);
  },
  sum(numbers, count) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum = Math.fround(sum + numbers[i]);
    return sum;
  },
  dot(x, y, count) {
    const { fround } = Math;
    let total = 0;
    for (let first = 0; first < count; first += BLOCK) {
      let sum = 0;
      for (let i = first; i < Math.min(count, first + BLOCK); i++) {
        sum = fround(sum + fround(x.of[x.at + i * x.step] * y.of[y.at + i * y.step]));
      }
      total = fround(total + sum);
    }
    return total;
  },
  dots(x, at, { of, width, list }, to) {
    const { fround } = Math;
    const count = list.length;
    let t = 0;
    for (; t + 3 < count; t += 4) {
      const [i, j, k, l] = [list[t] * width, list[t + 1] * width, list[t + 2] * width, list[t + 3] * width];
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let first = 0; first < width; first += BLOCK) {
        const end = Math.min(width, first + BLOCK);
        let [inA, inB, inC, inD] = [0, 0, 0, 0];
        for (let n = first; n < end; n++) {
          const one = x[at + n];
          inA = fround(inA + fround(one * of[i + n]));
          inB = fround(inB + fround(one * of[j + n]));
          inC = fround(inC + fround(one * of[k + n]));
          inD = fround(inD + fround(one * of[l + n]));
        }
        a = fround(a + inA);
        b = fround(b + inB);
        c = fround(c + inC);
        d = fround(d + inD);
      }
      to[t] = a;
      to[t + 1] = b;
      to[t + 2] = c;
      to[t + 3] = d;
    }
    for (; t < count; t++) {
      to[t] = singly.dot({ of: x, at, step: 1 }, { of, at: list[t] * width, step: 1 }, width);
    }
  },
  add(factor, x, at, to, toAt, count) {
    const { fround } = Math;
    for (let i = 0; i < count; i++) to[toAt + i] = fround(to[toAt + i] + fround(factor * x[at + i]));
  },
};

function stepwise(round: Rounding): Arithmetic {
  const within = sumsOf(round);
  const dot = (x: Strided, y: Strided, count: number): number => {
    let total = 0;
    for (let first = 0; first < count; first += BLOCK) {
      let sum = 0;
      for (let i = first; i < Math.min(count, first + BLOCK); i++) {
        sum = within(sum + within(x.of[x.at + i * x.step] * y.of[y.at + i * y.step]));
      }
      total = within(total + sum);
    }
    return round(total);
  };
  return {
    round,
    roundAll(numbers, count) {
      for (let i = 0; i < count; i++) numbers[i] = round(numbers[i]);
    },
    sum(numbers, count) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum = round(sum + numbers[i]);
      return sum;
    },
    dot,
    dots(x, at, { of, width, list }, to) {
      for (let t = 0; t < list.length; t++) {
        to[t] = dot({ of: x, at, step: 1 }, { of, at: list[t] * width, step: 1 }, width);
      }
    },
    add(factor, x, at, to, toAt, count) {
      for (let i = 0; i < count; i++) to[toAt + i] = within(to[toAt + i] + within(factor * x[at + i]));
    },
  };
}

/**
 * Every result is off by what one float32 rounding of it, and of each product that it is a sum of, may take, up or down at
 * random; seeded. Of a number smaller than any normal one all may be lost. What is exactly 0 remains so, and so does what is infinite:
 * less as much again it would be no number, and say nothing.
 */
export function disturbed(seed: number): Arithmetic {
  // Marsaglia 2003, doi 10.18637/jss.v008.i14: millions of coins are tossed, and a weak generator will do.
  let coins = randomStream(seed).below(2 ** 31) | 1;
  const moved = (exact: number, size: number): number => {
    if (size === 0 || size === Number.POSITIVE_INFINITY) return exact;
    coins ^= coins << 13;
    coins ^= coins >>> 17;
    coins ^= coins << 5;
    const by = FLOAT32_EPSILON * size + FLOAT32_LEAST;
    // Without a branch, which nobody could foretell.
    return exact + (1 - 2 * (coins >>> 31)) * by;
  };
  const dot = (x: Strided, y: Strided, count: number): number => {
    let [sum, size] = [0, 0];
    for (let i = 0; i < count; i++) {
      const product = x.of[x.at + i * x.step] * y.of[y.at + i * y.step];
      sum += product;
      size += Math.abs(product);
    }
    return moved(sum, size);
  };
  return {
    isDisturbed: true,
    round: (exact) => moved(exact, Math.abs(exact)),
    // `moved`, with the coins in a register.
    roundAll(numbers, count) {
      let tossed = coins;
      for (let i = 0; i < count; i++) {
        const exact = numbers[i];
        if (exact === 0 || Math.abs(exact) === Number.POSITIVE_INFINITY) continue;
        tossed ^= tossed << 13;
        tossed ^= tossed >>> 17;
        tossed ^= tossed << 5;
        const by = FLOAT32_EPSILON * Math.abs(exact) + FLOAT32_LEAST;
        numbers[i] = exact + (1 - 2 * (tossed >>> 31)) * by;
      }
      coins = tossed;
    },
    sum(numbers, count) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum = moved(sum + numbers[i], Math.abs(sum + numbers[i]));
      return sum;
    },
    dot,
    dots(x, at, { of, width, list }, to) {
      const count = list.length;
      let t = 0;
      for (; t + 3 < count; t += 4) {
        const [i, j, k, l] = [list[t] * width, list[t + 1] * width, list[t + 2] * width, list[t + 3] * width];
        let [a, b, c, d] = [0, 0, 0, 0];
        let [sizeA, sizeB, sizeC, sizeD] = [0, 0, 0, 0];
        for (let n = 0; n < width; n++) {
          const one = x[at + n];
          const [ofA, ofB, ofC, ofD] = [one * of[i + n], one * of[j + n], one * of[k + n], one * of[l + n]];
          a += ofA;
          b += ofB;
          c += ofC;
          d += ofD;
          sizeA += Math.abs(ofA);
          sizeB += Math.abs(ofB);
          sizeC += Math.abs(ofC);
          sizeD += Math.abs(ofD);
        }
        to[t] = moved(a, sizeA);
        to[t + 1] = moved(b, sizeB);
        to[t + 2] = moved(c, sizeC);
        to[t + 3] = moved(d, sizeD);
      }
      for (; t < count; t++) to[t] = dot({ of: x, at, step: 1 }, { of, at: list[t] * width, step: 1 }, width);
    },
    // One coin for all: numbers of a row share their slack.
    add(factor, x, at, to, toAt, count) {
      exactly.add(moved(factor, Math.abs(factor)), x, at, to, toAt, count);
    },
  };
}
