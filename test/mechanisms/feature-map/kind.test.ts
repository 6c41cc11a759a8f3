import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import type { Variant } from "../../../src/core/variant.ts";
import { featureMapKind } from "../../../src/mechanisms/feature-map/kind.ts";
import { whyUndefined } from "../../../src/mechanisms/why-undefined.ts";
import { cosformer } from "../../../variants/feature-map/cosformer.ts";
import { dpfp } from "../../../variants/feature-map/dpfp.ts";
import { hedgehog } from "../../../variants/feature-map/hedgehog.ts";
import { linear } from "../../../variants/feature-map/linear.ts";
import { performer } from "../../../variants/feature-map/performer.ts";
import { reluLinear } from "../../../variants/feature-map/relu-linear.ts";
import { rfa } from "../../../variants/feature-map/rfa.ts";
import { taylor } from "../../../variants/feature-map/taylor.ts";
import {
  byPairs,
  distance,
  dot,
  featureMapOf,
  featureProblem,
  outputOf,
  rowOfInput,
} from "../../variants/feature-problem.ts";

const [N, d] = [96, 8];

describe("the work of feature maps", () => {
  const flops = (
    variant: Variant,
    params: Record<string, unknown>,
    shape = shapeOf({ batch: 1, heads: 1, length: N, headDim: d }),
  ) =>
    featureMapKind.work({ mechanism: featureMapOf(variant, params), shape, causal: true, threads: 1 })
      .usefulFlops;
  const m = 1 + d + d * d;

  it.each<readonly [Variant, Record<string, unknown>, number]>([
    [linear, {}, 4 * N * d * (d + 1)],
    [reluLinear, {}, 4 * N * d * (d + 1)],
    [performer, { features: 20 }, 4 * N * 20 * d + 4 * N * 20 * (d + 1)],
    [rfa, { features: 20 }, 4 * N * 20 * d + 8 * N * 20 * (d + 1)],
    [cosformer, {}, 8 * N * d * (d + 1) + 4 * N * d],
    [taylor, {}, 4 * N * m * (d + 1) + 4 * N * d ** 2],
    [taylor, { project: 3 }, 4 * N * (1 + 3 + 9) * (d + 1) + 4 * N * 3 * d + 4 * N * 9],
    [hedgehog, {}, 8 * N * d * (d + 1)],
    [dpfp, { nu: 3 }, 8 * N * d * 3 * (d + 1)],
  ])("counts features, and products that make them: $0.id $1", (variant, params, expected) => {
    expect(flops(variant, params)).toBe(expected);
    const unlike = shapeOf({ batch: 2, heads: 4, kvHeads: 2, length: N, headDim: d });
    // Heads that share k and v make the features of keys, and the state, once.
    expect(flops(variant, params, unlike)).toBe(2 * 3 * expected);
  });

  it("is no less than the least, which is by pairs over few tokens and packed for Taylor", () => {
    for (const variant of [linear, performer, rfa, cosformer, taylor, hedgehog, dpfp]) {
      for (const length of [1, 7, 4096]) {
        const task = {
          mechanism: featureMapOf(variant),
          shape: shapeOf({ batch: 1, heads: 1, length, headDim: d }),
          causal: false,
          threads: 1,
        };
        expect(featureMapKind.leastWork(task).flops).toBeLessThanOrEqual(
          featureMapKind.work(task).usefulFlops,
        );
      }
    }
    const long = {
      mechanism: featureMapOf(taylor),
      shape: shapeOf({ batch: 1, heads: 1, length: 4096, headDim: d }),
      causal: false,
      threads: 1,
    };
    const packed = 1 + d + (d * (d + 1)) / 2;
    expect(featureMapKind.leastWork(long).flops).toBe(4 * 4096 * packed * (d + 1));
  });
});

describe("feature maps", () => {
  it("approximate full attention, but for rfa, whose rows have length 1, and dpfp, which approximates nothing", () => {
    const yardstick = (variant: Variant, params = {}) =>
      featureMapKind.yardstick?.(featureMapOf(variant, params))?.text ?? null;
    for (const variant of [linear, reluLinear, performer, cosformer, taylor, hedgehog]) {
      expect(yardstick(variant)).toBe("full attention");
    }
    expect(yardstick(dpfp)).toBeNull();
    expect(yardstick(rfa, { tau: 2 })).toBe("full attention of q and k of length 1 at τ = 2");
  });

  it("are decoded, but for a horizon that is the length", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 8, headDim: 4 });
    const why = (params: Record<string, unknown>) =>
      whyUndefined(
        { mechanism: featureMapOf(cosformer, params), kind: featureMapKind },
        { causal: true, mode: "decode" },
        shape,
      );
    expect(why({ horizon: 100 })).toBeNull();
    expect(why({})).toMatch(
      /^decoding is not defined for a feature map whose horizon is the length, .*; set a horizon$/,
    );
    expect(featureMapKind.keepsPrefixes?.(featureMapOf(cosformer))).toBe(false);
    expect(featureMapKind.keepsPrefixes?.(featureMapOf(cosformer, { horizon: 9 }))).toBe(true);
  });

  it("take the scale of a call where they approximate exp(q·k), if it has a root", () => {
    const scaled = (variant: Variant, params: Record<string, unknown>, scale: number) => {
      const problem = featureProblem(variant, params, {}, { size: 0.5 });
      return { ...problem, mechanism: featureMapKind.under(problem.mechanism, { scale }) };
    };
    const expanded = scaled(taylor, {}, 0.7);
    const byHand = byPairs(expanded, (q, k) => 1 + 0.7 * dot(q, k) + (0.7 * dot(q, k)) ** 2 / 2);
    expect(distance(outputOf(expanded), byHand)).toBeLessThan(1e-13);
    const random = scaled(performer, { features: 6 }, 0.7);
    const rows = Array.from({ length: 6 }, (_, r) => rowOfInput(random, "performer.w", r));
    const byFeatures = byPairs(random, (q, k) => {
      const root = Math.sqrt(0.7);
      return rows.reduce(
        (sum, w) => sum + Math.exp(root * (dot(w, q) + dot(w, k)) - (0.7 * dot(k, k)) / 2),
        0,
      );
    });
    expect(distance(outputOf(random), byFeatures)).toBeLessThan(1e-13);
    expect(featureMapKind.whyNotUnder(random.mechanism, { scale: -1 })).toMatch(/must be above 0, got -1$/);
    expect(featureMapKind.whyNotUnder(featureMapOf(taylor, { project: 3 }), { scale: 1 })).toMatch(
      /a scale of its own/,
    );
    expect(featureMapKind.whyNotUnder(featureMapOf(linear), { scale: 1 })).toBeNull();
  });
});
