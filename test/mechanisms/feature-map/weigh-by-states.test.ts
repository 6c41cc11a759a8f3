import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { syntheticSource } from "../../../src/input/synthetic.ts";
import type { FeatureMap } from "../../../src/mechanisms/feature-map/declare.ts";
import { isExplicit, weighByStates } from "../../../src/mechanisms/feature-map/gradient/weigh-by-states.ts";
import { learnedBy } from "../../../src/mechanisms/feature-map/oracle.ts";
import { pairWeights } from "../../../src/mechanisms/feature-map/oracle-weights.ts";
import type { WeighedHead } from "../../../src/mechanisms/feature-map/weighed-head.ts";
import { WeighedRows, weighedRow } from "../../../src/mechanisms/feature-map/weighed-rows.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { withNamed } from "../../../src/mechanisms/named-inputs.ts";
import { float64, type ReferenceRow } from "../../../src/mechanisms/oracle.ts";
import { dpfp } from "../../../variants/feature-map/dpfp.ts";
import { hedgehog } from "../../../variants/feature-map/hedgehog.ts";
import { linear } from "../../../variants/feature-map/linear.ts";
import { reluLinear } from "../../../variants/feature-map/relu-linear.ts";
import { rfa } from "../../../variants/feature-map/rfa.ts";
import { featureMapOf } from "../../variants/feature-problem.ts";

const maps: readonly FeatureMap[] = [
  featureMapOf(linear, {}),
  featureMapOf(reluLinear, {}),
  featureMapOf(hedgehog, {}),
  featureMapOf(dpfp, { nu: 2 }),
  featureMapOf(rfa, { features: 6 }),
];

/** Rows by pairs of queries and keys, and by states. */
function bothWays(
  mechanism: FeatureMap,
  { length, headDim, valueDim, seed }: { length: number; headDim: number; valueDim: number; seed: number },
  causal: boolean,
): readonly (readonly [pairs: ReferenceRow, states: ReferenceRow])[] {
  const { feature, epsilon } = mechanism;
  if (!isExplicit(feature)) throw new TypeError("its features must be explicit");
  const shape = shapeOf({ batch: 1, heads: 1, length, headDim, valueDim });
  const plain = syntheticSource("gaussian", seed).inputs(shape);
  const inputs = withNamed({ ...builtInKinds.judged({ mechanism }), shape }, plain, seed);
  const { q, k, v } = inputs;
  const learned = learnedBy(inputs, mechanism, 0);
  const head: WeighedHead = { mechanism, q, k, learned, headDim, length, queries: length, round: float64 };
  // Those that see more keys first.
  const queries = Array.from({ length }, (_, index) => {
    const row = length - 1 - index;
    return { at: row * headDim, last: causal ? row : length - 1 };
  });
  const weights = pairWeights(head);
  for (const [index, { at }] of queries.entries()) weights.query(index, at, length - 1 - index);
  const rows = new WeighedRows(weights, length, valueDim, float64);
  for (let key = 0; key < length; key++) {
    const seen = causal ? length - key : length;
    weights.key(key * headDim, key, seen);
    rows.add(v, key * valueDim, seen);
  }
  const byStates: ReferenceRow[] = [];
  weighByStates(head, feature, { keys: 0, values: 0, v, valueDim }, queries, (index, sums) => {
    // The next query's sums take the place of these.
    const kept = { values: sums.values.slice(), sizes: sums.sizes.slice(), moved: sums.moved.slice() };
    byStates[index] = weighedRow({ ...sums, ...kept, lost: sums.lost.slice() }, epsilon, float64);
  });
  return queries.map((_, index) => [rows.row(index, epsilon), byStates[index]]);
}

const sizes = fc.record({
  length: fc.integer({ min: 1, max: 40 }),
  headDim: fc.integer({ min: 1, max: 9 }),
  valueDim: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(),
});

describe("the rows of linear attention by states", () => {
  it("are those by pairs, and may move no less, for every map whose features are explicit", () => {
    fc.assert(
      fc.property(fc.constantFrom(...maps), sizes, fc.boolean(), (mechanism, size, causal) => {
        for (const [pairs, states] of bothWays(mechanism, size, causal)) {
          const [slack, ofStates] = [pairs.slack(), states.slack()];
          for (const [i, value] of pairs.values.entries()) {
            const room = 1e-12 * (states.magnitudes[i] + Math.abs(value) + 1e-30);
            expect(Math.abs(states.values[i] - value)).toBeLessThanOrEqual(room);
            expect(states.magnitudes[i]).toBeGreaterThanOrEqual(pairs.magnitudes[i] * (1 - 1e-12));
            expect(ofStates[i]).toBeGreaterThanOrEqual(slack[i] * (1 - 1e-12));
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("may move as much as by pairs where features are not below 0, but for what subnormal numbers lose", () => {
    const some = fc.constantFrom(...maps.filter(({ feature }) => feature.kind !== "trigonometric"));
    fc.assert(
      fc.property(some, sizes, fc.boolean(), (mechanism, size, causal) => {
        for (const [pairs, states] of bothWays(mechanism, size, causal)) {
          const slack = pairs.slack();
          for (const [i, one] of states.slack().entries())
            expect(one).toBeLessThanOrEqual(slack[i] * 1.000001 + 2 ** -80);
        }
      }),
      { numRuns: 100 },
    );
  });
});
