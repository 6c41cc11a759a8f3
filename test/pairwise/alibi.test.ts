import { describe, expect, it } from "vitest";
import { alibi, alibiSlope } from "../../src/pairwise/alibi.ts";
import { bindBiases } from "../../src/pairwise/bind-biases.ts";

describe("ALiBi", () => {
  it("has the published slopes for a power of two, and for 12 heads", () => {
    const slopes = (heads: number) => Array.from({ length: heads }, (_, head) => alibiSlope(head, heads));
    expect(slopes(8)).toEqual([1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256]);
    expect(slopes(12)).toEqual([...slopes(8), 2 ** -0.5, 2 ** -1.5, 2 ** -2.5, 2 ** -3.5]);
    expect(slopes(1)).toEqual([1 / 256]);
  });

  it("takes the slope of its head for each token between query and key, on both sides", () => {
    const [first, second] = bindBiases(alibi(), { heads: 2, causal: false });
    expect([first.at(5, 2), first.at(2, 5), first.at(4, 4)].map((x) => x * 16)).toEqual([-3, -3, -0]);
    expect(second.at(0, 10)).toBe(-10 / 256);
  });
});
