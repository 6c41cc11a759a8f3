import { describe, expect, it } from "vitest";
import { CHUNK, INFINITY_BITS, mostUlps, tanhOfBuilds } from "./tanh-error.ts";

/** Steps between the numbers tried: a prime, so that mantissas of all kinds come up at every power of 2. */
const STEP = 3001;
/** The error over all float32 numbers, which the long test finds. */
const MOST_ULPS = 6.2;

/** Every `STEP`th float32 number from 0 on, up to infinity. */
function* spread(): Generator<Float32Array> {
  for (let from = 0; from < INFINITY_BITS; from += CHUNK * STEP) {
    const count = Math.min(CHUNK, Math.ceil((INFINITY_BITS - from) / STEP));
    yield new Float32Array(Uint32Array.from({ length: count }, (_, at) => from + at * STEP).buffer);
  }
}

describe.each(tanhOfBuilds)("tanh of the $name build", ({ tanh }) => {
  it(`is at most ${MOST_ULPS} units in the last place off, and never more than one above 1`, () => {
    let most = 0;
    let largest = 0;
    for (const numbers of spread()) {
      const got = tanh(numbers);
      most = Math.max(most, mostUlps(Float64Array.from(numbers, Math.tanh), got));
      largest = got.reduce((a, b) => Math.max(a, b), largest);
    }
    expect(most).toBeLessThanOrEqual(MOST_ULPS);
    // So many roundings show: an error that is measured as none would be a fault of the test.
    expect(most).toBeGreaterThan(3);
    expect(largest).toBeLessThanOrEqual(1 + 2 ** -23);
  });

  it("is odd to the bit", () => {
    for (const numbers of spread()) {
      const positive = tanh(numbers).map((x) => -x);
      expect(bitsOf(tanh(numbers.map((x) => -x)))).toEqual(bitsOf(positive));
    }
  });

  it("is 0 of 0 and 1 of infinity with their signs, itself of tiny numbers, and NaN of NaN", () => {
    const { POSITIVE_INFINITY: infinity, NEGATIVE_INFINITY: least, NaN: none } = Number;
    const numbers = [0, -0, infinity, least, none, 2 ** -149, -(2 ** -127), 1e-10, 3e38, -100];
    const wanted = [0, -0, 1, -1, none, 2 ** -149, -(2 ** -127), Math.fround(1e-10), 1, -1];
    for (const [at, x] of tanh(Float32Array.from(numbers)).entries()) expect(x).toBe(wanted[at]);
  });

  it("is the number itself below 2^-13", () => {
    for (const numbers of spread()) {
      const small = numbers.filter((x) => x < 2 ** -13);
      expect(bitsOf(tanh(small))).toEqual(bitsOf(small));
    }
  });

  it("falls nowhere by more than its error", () => {
    for (const numbers of spread()) {
      const got = tanh(numbers);
      for (let at = 1; at < got.length; at++) {
        if (got[at] < got[at - 1]) expect(got[at - 1] - got[at]).toBeLessThanOrEqual(8 * 2 ** -24);
      }
    }
  });
});

function bitsOf(numbers: Float32Array): Uint32Array {
  return new Uint32Array(numbers.slice().buffer);
}
