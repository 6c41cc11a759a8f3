import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import {
  elementCount,
  kvHeadOf,
  layoutOf,
  offsetIn,
  overTokens,
  QKV,
  rowOffset,
  type Shape,
  shapeOf,
} from "../../src/core/shape.ts";
import type { AttentionInputs } from "../../src/core/tensors.ts";
import { SYNTHETIC_KINDS, syntheticSource } from "../../src/input/synthetic.ts";
import { takePrefix } from "./take-prefix.ts";

const shapes = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    heads: fc.integer({ min: 1, max: 3 }),
    length: fc.integer({ min: 1, max: 40 }),
    headDim: fc.integer({ min: 1, max: 9 }),
  })
  .map(shapeOf);

function moments(values: Iterable<number>): { mean: number; deviation: number } {
  const list = [...values];
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const variance = list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length;
  return { mean, deviation: Math.sqrt(variance) };
}

function score({ shape, q, k }: AttentionInputs, head: number, query: number, key: number): number {
  const from = rowOffset(shape, 0, head, query);
  const to = rowOffset(shape, 0, head, key);
  let sum = 0;
  for (let index = 0; index < shape.headDim; index++) sum += q[from + index] * k[to + index];
  return sum / Math.sqrt(shape.headDim);
}

/** The mean score over all queries and heads of the keys at this distance. */
function meanScore(inputs: AttentionInputs, distance: number): number {
  const scores: number[] = [];
  for (let head = 0; head < inputs.shape.heads; head++) {
    for (let query = distance; query < inputs.shape.length; query++) {
      scores.push(score(inputs, head, query, query - distance));
    }
  }
  return moments(scores).mean;
}

describe.each(SYNTHETIC_KINDS)("the synthetic input %s", (kind) => {
  it("is a prefix of itself at any greater length", () => {
    fc.assert(
      fc.property(shapes, fc.integer(), fc.nat(20), (shape, seed, more) => {
        const source = syntheticSource(kind, seed);
        const longer = source.inputs(overTokens(shape, shape.length + more));
        expect(source.inputs(shape)).toEqual(takePrefix(longer, shape.length));
      }),
      { numRuns: 50 },
    );
  });

  it("is the same for the same seed and finite at any shape", () => {
    fc.assert(
      fc.property(shapes, fc.integer(), (shape, seed) => {
        const inputs = syntheticSource(kind, seed).inputs(shape);
        expect(syntheticSource(kind, seed).inputs(shape)).toEqual(inputs);
        for (const tensor of [inputs.q, inputs.k, inputs.v]) {
          expect(tensor).toHaveLength(shape.batch * shape.heads * shape.length * shape.headDim);
          expect(tensor.every(Number.isFinite)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("differs from seed to seed, head to head, batch to batch and tensor to tensor", () => {
    const shape: Shape = shapeOf({ batch: 2, heads: 2, length: 3, headDim: 4 });
    const first = syntheticSource(kind, 1).inputs(shape);
    const second = syntheticSource(kind, 2).inputs(shape);
    const slices = [first, second].flatMap(({ q, k, v }) =>
      [q, k, v].flatMap((tensor) =>
        [0, 12, 24, 36].map((start) => tensor.subarray(start, start + 12).join()),
      ),
    );
    expect(new Set(slices).size).toBe(24);
  });

  it("has standard normal values", () => {
    const { v } = syntheticSource(kind, 3).inputs(shapeOf({ batch: 1, heads: 2, length: 1000, headDim: 10 }));
    const { mean, deviation } = moments(v);
    // Five standard errors of 20 000 draws.
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(20_000));
    expect(Math.abs(deviation - 1)).toBeLessThan(5 / Math.sqrt(40_000));
  });

  it("has k and v of fewer heads, other queries and another width of v as asked for", () => {
    const usual = shapeOf({ batch: 2, heads: 4, length: 30, headDim: 6 });
    const shape = { ...usual, kvHeads: 2, queries: 7, valueDim: 5 };
    const source = syntheticSource(kind, 8);
    const [inputs, whole] = [source.inputs(shape), source.inputs(usual)];
    for (const name of QKV) {
      expect(inputs[name]).toHaveLength(elementCount(shape, name));
      expect(inputs[name].every(Number.isFinite)).toBe(true);
    }
    // A head of k is drawn as if there were as many as of q.
    const first = (of: Shape) => offsetIn(layoutOf(of, "k"), 1, 1, 0);
    const slice = (of: AttentionInputs) => of.k.subarray(first(of.shape), first(of.shape) + 30 * 6);
    expect(slice(inputs)).toEqual(slice(whole));
  });

  it("refuses a shape that cannot be", () => {
    const source = syntheticSource(kind, 0);
    const shape = shapeOf({ batch: 1, heads: 1, length: 8, headDim: 8 });
    expect(() => source.inputs({ ...shape, headDim: 0 })).toThrow(UsageError);
    expect(() => source.inputs(overTokens(shape, 1e9))).toThrow(UsageError);
    expect(source.name).toBe(kind);
    expect(source.fixed).toBeUndefined();
  });
});

describe("synthetic inputs", () => {
  const shape: Shape = shapeOf({ batch: 1, heads: 4, length: 200, headDim: 64 });

  it("are peaked by scaling the gaussian queries by 30, which brings scores near a hundred", () => {
    const plain = syntheticSource("gaussian", 5).inputs(shape);
    const peaked = syntheticSource("peaked", 5).inputs(shape);
    expect(peaked.q).toEqual(plain.q.map((value) => value * 30));
    expect(peaked.k).toEqual(plain.k);
    expect(peaked.v).toEqual(plain.v);
    const scores = Array.from({ length: 200 }, (_, key) => score(peaked, 0, 100, key));
    expect(Math.max(...scores)).toBeGreaterThan(50);
    expect(moments(scores).deviation).toBeGreaterThan(20);
  });

  it("are local with grouped heads and other queries: the last query is at the last key, and near what is near it", () => {
    const unlike: Shape = { ...shape, heads: 64, kvHeads: 16, queries: 3, headDim: 64 };
    const inputs = syntheticSource("local", 7).inputs(unlike);
    const meanOver = (key: number): number => {
      const scores = Array.from({ length: unlike.heads }, (_, head) => {
        const from = rowOffset(unlike, 0, head, unlike.queries - 1);
        const to = offsetIn(layoutOf(unlike, "k"), 0, kvHeadOf(unlike, head), key);
        let sum = 0;
        for (let index = 0; index < 64; index++) sum += inputs.q[from + index] * inputs.k[to + index];
        return sum / 8;
      });
      return moments(scores).mean;
    };
    expect(Math.abs(meanOver(199) - 8)).toBeLessThan(1);
    expect(meanOver(199)).toBeGreaterThan(meanOver(135) + 1);
    expect(meanOver(135)).toBeGreaterThan(meanOver(20) + 1);
  });

  it("are pinned: the same on every machine", () => {
    const { q, k, v } = syntheticSource("gaussian", 2024).inputs(
      shapeOf({
        batch: 1,
        heads: 1,
        length: 1,
        headDim: 3,
      }),
    );
    expect([q, k, v].map((tensor) => [...tensor])).toMatchInlineSnapshot(`
      [
        [
          -0.7731145620346069,
          0.9693762063980103,
          1.267632007598877,
        ],
        [
          -0.8292286396026611,
          -0.6758506298065186,
          -1.0221527814865112,
        ],
        [
          -0.35837653279304504,
          0.3248561918735504,
          1.1017348766326904,
        ],
      ]
    `);
  });

  it.each([1, 2, 3, 7, 64, 65, 128])(
    "are local at head dimension %d: near keys score more than far ones",
    (headDim) => {
      const inputs = syntheticSource("local", 7).inputs(
        shapeOf({ batch: 1, heads: 64, length: 400, headDim }),
      );
      const near = meanScore(inputs, 0);
      // 64 heads of d/2 waves: a mean over waves whose standard error is 8/√(32 d), or less.
      const spread = (4 * 8) / Math.sqrt(32 * headDim);
      expect(Math.abs(near - 8)).toBeLessThan(spread);
      for (const distance of [16, 64, 128, 300]) {
        const expected = 8 * Math.exp(-(distance ** 2) / (2 * 64 ** 2));
        expect(Math.abs(meanScore(inputs, distance) - expected)).toBeLessThan(spread);
      }
      expect(near).toBeGreaterThan(meanScore(inputs, 300) + 2);
    },
  );
});
