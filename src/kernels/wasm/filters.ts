import { FILTER, FILTER_WORDS, MOST_TAPS } from "./layout.ts";

/**
 * One of the convolutions that a longer one is made of, of every `phases`-th row: tap s of it is the sum of some of
 * the taps from `phases · s` on, and it is applied to sums and differences of tokens from `phases · m` on.
 */
interface Filter {
  /** Places of the taps that are added up. */
  readonly taps: readonly number[];
  /** Places of the tokens that are added, and of those that are subtracted. */
  readonly plus: readonly number[];
  readonly minus: readonly number[];
  /** The rows that it is part of, by their places. */
  readonly outputs: readonly number[];
}

/** Filters, and the rows one after the other that they make together. */
export interface Filters {
  readonly phases: number;
  readonly all: readonly Filter[];
}

/** With one phase: the convolution itself. */
const WHOLE: Filters = { phases: 1, all: [{ taps: [0], plus: [0], minus: [], outputs: [0] }] };

/**
 * `y[2m] = a + b`, `y[2m + 1] = a + c` with `a = u[2m + 1]·(w0 + w1)`, `b = (u[2m] - u[2m + 1])·w0` and `c = (u[2m + 2] -
 * u[2m + 1])·w1`, where each product is a convolution with every other tap: Winograd 1980, chapter 2.
 */
const HALVED: Filters = {
  phases: 2,
  all: [
    { taps: [0, 1], plus: [1], minus: [], outputs: [0, 1] },
    { taps: [0], plus: [0], minus: [1], outputs: [0] },
    { taps: [1], plus: [2], minus: [1], outputs: [1] },
  ],
};

/** The filters that a convolution of so many taps is made of: three of half as many, nine of a quarter, or itself. */
export function filtersOf(taps: number): Filters {
  if (taps % 4 === 0 && taps / 4 <= MOST_TAPS) return within(HALVED, HALVED);
  return taps % 2 === 0 && taps / 2 <= MOST_TAPS ? HALVED : WHOLE;
}

/** Each of the outer filters as a convolution that is made of the inner ones. */
function within(outer: Filters, inner: Filters): Filters {
  const all = outer.all.flatMap((one) =>
    inner.all.map((other): Filter => {
      const places = (of: readonly number[], by: readonly number[]) =>
        by.flatMap((place) => of.map((own) => outer.phases * place + own));
      return {
        taps: places(one.taps, other.taps),
        plus: [...places(one.plus, other.plus), ...places(one.minus, other.minus)],
        minus: [...places(one.plus, other.minus), ...places(one.minus, other.plus)],
        outputs: places(one.outputs, other.outputs),
      };
    }),
  );
  return { phases: outer.phases * inner.phases, all };
}

/** The words of filters, as `assembly/filters.ts` reads them. */
export function filterWords({ all }: Filters): Int32Array {
  const words = new Int32Array(all.length * FILTER_WORDS);
  for (const [index, { taps, plus, minus, outputs }] of all.entries()) {
    const at = index * FILTER_WORDS;
    words[at + FILTER.taps] = taps.length;
    words.set(taps, at + FILTER.tap);
    words[at + FILTER.tokens] = plus.length + minus.length;
    words.set([...plus, ...minus], at + FILTER.token);
    words[at + FILTER.outputs] = outputs.length;
    words.set(outputs, at + FILTER.output);
  }
  return words;
}
