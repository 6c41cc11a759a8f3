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

/** How a reference computes: exactly, with every result rounded, or with every result moved by as much as a rounding. */
export interface Arithmetic {
  /** The result of one operation. */
  readonly round: Rounding;
  /** `Σ x_i y_i` of so many numbers. */
  dot(x: Strided, y: Strided, count: number): number;
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
  dot(x, y, count) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += x.of[x.at + i * x.step] * y.of[y.at + i * y.step];
    return sum;
  },
  add(factor, x, at, to, toAt, count) {
    for (let i = 0; i < count; i++) to[toAt + i] += factor * x[at + i];
  },
};

/** A loop of its own: through a function it takes many times as long. */
const singly: Arithmetic = {
  round: float32,
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
  add(factor, x, at, to, toAt, count) {
    const { fround } = Math;
    for (let i = 0; i < count; i++) to[toAt + i] = fround(to[toAt + i] + fround(factor * x[at + i]));
  },
};

function stepwise(round: Rounding): Arithmetic {
  const within = sumsOf(round);
  return {
    round,
    dot(x, y, count) {
      let total = 0;
      for (let first = 0; first < count; first += BLOCK) {
        let sum = 0;
        for (let i = first; i < Math.min(count, first + BLOCK); i++) {
          sum = within(sum + within(x.of[x.at + i * x.step] * y.of[y.at + i * y.step]));
        }
        total = within(total + sum);
      }
      return round(total);
    },
    add(factor, x, at, to, toAt, count) {
      for (let i = 0; i < count; i++) to[toAt + i] = within(to[toAt + i] + within(factor * x[at + i]));
    },
  };
}

/**
 * Every result is off by what one float32 rounding of it, and of each product that it is a sum of, may take, up or down at
 * random; seeded. Of a number smaller than any normal one all may be lost. What is exactly 0 remains so.
 */
export function disturbed(seed: number): Arithmetic {
  // Marsaglia 2003, doi 10.18637/jss.v008.i14: millions of coins are tossed, and a weak generator will do.
  let coins = randomStream(seed).below(2 ** 31) | 1;
  const moved = (exact: number, size: number): number => {
    if (size === 0) return exact;
    coins ^= coins << 13;
    coins ^= coins >>> 17;
    coins ^= coins << 5;
    const by = FLOAT32_EPSILON * size + FLOAT32_LEAST;
    return coins < 0 ? exact - by : exact + by;
  };
  return {
    round: (exact) => moved(exact, Math.abs(exact)),
    dot(x, y, count) {
      let [sum, size] = [0, 0];
      for (let i = 0; i < count; i++) {
        const product = x.of[x.at + i * x.step] * y.of[y.at + i * y.step];
        sum += product;
        size += Math.abs(product);
      }
      return moved(sum, size);
    },
    // One coin for all: numbers of a row share their slack.
    add(factor, x, at, to, toAt, count) {
      exactly.add(moved(factor, Math.abs(factor)), x, at, to, toAt, count);
    },
  };
}
