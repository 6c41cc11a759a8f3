import { describe, expect, it } from "vitest";
import { bindBiases } from "../../src/pairwise/bind-biases.ts";
import { bucketEdges, t5Bias } from "../../src/pairwise/t5-bias.ts";

/** The bucket by the formula that is in use, before it is rounded down. */
function unrounded(distance: number, buckets: number, most: number): number {
  const half = Math.floor(buckets / 2);
  if (distance < half) return distance;
  return Math.min(buckets - 1, half + (Math.log(distance / half) / Math.log(most / half)) * (buckets - half));
}

describe("T5's ranges of distances", () => {
  it.each([
    [32, 128],
    [16, 128],
    [8, 20],
    [4, 20],
    [64, 2000],
  ])("of %i up to %i are those of the formula in use, wherever that is not at an edge", (buckets, most) => {
    const edges = bucketEdges(buckets, most);
    expect(edges).toHaveLength(buckets);
    for (let distance = 0; distance < 3 * most; distance++) {
      const usual = unrounded(distance, buckets, most);
      const bucket = edges.filter((edge) => edge <= distance).length - 1;
      if (Math.abs(usual - Math.round(usual)) > 1e-9)
        expect([distance, bucket]).toEqual([distance, Math.floor(usual)]);
    }
  });

  it("begin at exact distances and never go back", () => {
    expect(bucketEdges(8, 20)).toEqual([0, 1, 2, 3, 4, 6, 9, 14]);
    const edges = bucketEdges(1024, 2 ** 24);
    for (let at = 1; at < edges.length; at++) expect(edges[at]).toBeGreaterThanOrEqual(edges[at - 1]);
  });
});

describe("T5's bias", () => {
  const numbers = Float32Array.from({ length: 8 }, (_, entry) => entry);

  it("keeps the upper half of its table for keys after the query, and all of it for those before if causal", () => {
    const bias = t5Bias({ buckets: 8, distance: 20, seed: 0 });
    const [both] = bindBiases(bias, { heads: 1, causal: false }, numbers);
    expect([both.at(3, 3), both.at(3, 2), both.at(2, 3), both.at(90, 0), both.at(0, 90)]).toEqual([
      0, 1, 5, 3, 7,
    ]);
    const [past] = bindBiases(bias, { heads: 1, causal: true }, numbers);
    expect([past.at(3, 3), past.at(3, 0), past.at(90, 0)]).toEqual([0, 3, 7]);
  });

  it("is refused a table of another size", () => {
    const bias = t5Bias({ buckets: 8, distance: 20, seed: 0 });
    expect(() => bindBiases(bias, { heads: 2, causal: true }, numbers)).toThrow(
      new RangeError("t5:8:20:0: its table must have 16 numbers, got 8"),
    );
  });
});
