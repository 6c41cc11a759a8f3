import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bandPairs, blockBandPairs, combPairs, crossPairs } from "../../src/pattern/closed-forms.ts";

/**
 * The closed forms add up rows; here the same pairs are added up by diagonals, in big integers: the diagonal at
 * distance d from the main one holds N - d pairs.
 */
function pairsOnDiagonals(length: number, distances: Iterable<number>): bigint {
  let pairs = 0n;
  for (const distance of distances) pairs += BigInt(length - distance);
  return pairs;
}

function* upTo(last: number, step = 1, first = step): Generator<number> {
  for (let distance = first; distance <= last; distance += step) yield distance;
}

const lengths = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 2 ** 22 }));
const widths = fc.oneof(fc.nat(60), fc.nat(5000));

describe("the closed forms", () => {
  it("count a band as its diagonals do", () => {
    fc.assert(
      fc.property(lengths, widths, widths, (length, left, right) => {
        const last = length - 1;
        const counted =
          BigInt(length) +
          pairsOnDiagonals(length, upTo(Math.min(left, last))) +
          pairsOnDiagonals(length, upTo(Math.min(right, last)));
        expect(BigInt(bandPairs(length, left, right))).toBe(counted);
      }),
    );
  });

  it("count a comb as its diagonals do", () => {
    const strides = fc.integer({ min: 1, max: 5000 });
    const teeth = fc.oneof(fc.nat(40), fc.constant(Number.POSITIVE_INFINITY));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        strides,
        teeth,
        fc.nat(),
        (length, stride, many, odd) => {
          const reach = many * stride + (odd % stride);
          const distances = upTo(Math.min(reach, length - 1), stride);
          expect(BigInt(combPairs(length, stride, reach))).toBe(
            BigInt(length) + 2n * pairsOnDiagonals(length, distances),
          );
        },
      ),
    );
  });

  it("count a cross as the square without the square of what is not marked", () => {
    fc.assert(
      fc.property(lengths, fc.nat(), (length, any) => {
        const marked = any % (length + 1);
        const unmarked = BigInt(length - marked);
        expect(BigInt(crossPairs(length, marked))).toBe(BigInt(length) ** 2n - unmarked ** 2n);
      }),
    );
  });

  it("count a band of blocks as the products of their sizes, the last one short", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 100 }),
        fc.nat(30),
        (length, block, half) => {
          const sizes = Array.from({ length: Math.ceil(length / block) }, (_, index) =>
            Math.min(block, length - index * block),
          );
          let counted = 0;
          sizes.forEach((rows, a) => {
            for (let b = Math.max(0, a - half); b <= Math.min(sizes.length - 1, a + half); b++) {
              counted += rows * sizes[b];
            }
          });
          expect(blockBandPairs(length, block, half)).toBe(counted);
        },
      ),
    );
  });

  it("count everything where a parameter has no limit", () => {
    const limitless = Number.POSITIVE_INFINITY;
    for (const length of [1, 2, 61, 1000]) {
      expect(bandPairs(length, limitless, limitless)).toBe(length ** 2);
      expect(combPairs(length, 1, limitless)).toBe(length ** 2);
      expect(blockBandPairs(length, 7, limitless)).toBe(length ** 2);
      expect(crossPairs(length, length)).toBe(length ** 2);
    }
  });
});
