import { FLOAT32_EPSILON, FLOAT32_LEAST } from "../../../core/error-budget.ts";
import { remembered } from "../../../core/remembered.ts";
import type { RowPlace } from "../../../core/rows.ts";
import { kvHeadOf, layoutOf, QKV } from "../../../core/shape.ts";
import { layoutBy } from "../../../core/tensor-spec.ts";
import { gradientName } from "../../gradient/declare.ts";
import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import { float64, type Oracle, type ReferenceRow, type Rounding } from "../../oracle.ts";
import type { FeatureMap } from "../declare.ts";
import { featureInputs } from "../inputs.ts";
import { sweptGroup } from "./group.ts";
import { type Uncertain, uncertain } from "./slope.ts";

/** The rows that are asked for of one batch entry whose heads read the same head of k and v. */
export interface AskedOfGroup {
  /** By head and row. */
  readonly queries: Map<string, Uncertain>;
  /** By row. */
  readonly keys: Map<number, Uncertain>;
  readonly values: Map<number, Uncertain>;
  /** `[rows, headDim]`, of what the layer learned for this head; null if that is not asked for. */
  readonly learned: Uncertain | null;
}

/**
 * The gradients of linear attention as a weighted sum over keys, without any state: of the weight w of a pair
 * `(dout·v - dout·out) / Σw`, and through it those of q and k by the derivatives of w. O(N) pairs for each query that adds to a
 * row asked for, besides those of a row of k or v.
 */
export function featureMapGradientOracle(problem: GradientProblem<FeatureMap>): Oracle {
  return {
    rows(places, round) {
      const sums = summed(problem, places, round);
      return places.map((place): ReferenceRow => {
        const { values, moved, sizes } = sums.get(place) ?? uncertain(0);
        return {
          values,
          magnitudes: sizes,
          slack() {
            if (round !== float64) throw new TypeError("featureMap: slack belongs to the exact rows");
            return moved.map((one, c) => one + FLOAT32_EPSILON * Math.abs(values[c]) + FLOAT32_LEAST);
          },
        };
      });
    },
  };
}

function summed(
  problem: GradientProblem<FeatureMap>,
  places: readonly RowPlace[],
  round: Rounding,
): ReadonlyMap<RowPlace, Uncertain> {
  const { shape } = problem;
  const rows = new Map(places.map((place) => [place, uncertain(widthOf(problem, place))]));
  const learned = new Map<number, Uncertain>();
  const groups = new Map<string, AskedOfGroup>();
  const groupOf = (batch: number, kvHead: number): AskedOfGroup =>
    remembered(groups, `${batch} ${kvHead}`, () => ({
      queries: new Map(),
      keys: new Map(),
      values: new Map(),
      learned: learned.get(kvHead) ?? null,
    }));
  const usual = QKV.map(gradientName);
  const ofLearned = places.filter(({ tensor = "" }) => !usual.includes(tensor));
  for (const { head } of ofLearned) {
    const { headDim } = shape;
    const [spec] = Object.values(featureInputs(problem.mechanism));
    learned.set(head, learned.get(head) ?? uncertain(layoutBy(shape, spec).rows * headDim));
  }
  // What is learned sums over the batch.
  for (let batch = 0; batch < shape.batch; batch++) for (const head of learned.keys()) groupOf(batch, head);
  const again: Array<() => void> = [];
  for (const [place, row] of rows) {
    const { tensor, batch, head, row: at } = place;
    const keep = <Key>(to: Map<Key, Uncertain>, key: Key): void => {
      const known = to.get(key);
      if (known === undefined) to.set(key, row);
      else again.push(() => copy(known, row));
    };
    if (tensor === gradientName("q")) keep(groupOf(batch, kvHeadOf(shape, head)).queries, `${head} ${at}`);
    else if (tensor === gradientName("k")) keep(groupOf(batch, head).keys, at);
    else if (tensor === gradientName("v")) keep(groupOf(batch, head).values, at);
  }
  for (const [name, asked] of groups) {
    const [batch, kvHead] = name.split(" ").map(Number);
    sweptGroup(problem, batch, kvHead, asked, round);
  }
  for (const place of ofLearned) {
    const [from, to] = [learned.get(place.head), rows.get(place)];
    if (from !== undefined && to !== undefined) copy(from, to, place.row * shape.headDim);
  }
  for (const one of again) one();
  return rows;
}

function copy(from: Uncertain, to: Uncertain, at = 0): void {
  to.values.set(from.values.subarray(at, at + to.values.length));
  to.moved.set(from.moved.subarray(at, at + to.moved.length));
  to.sizes.set(from.sizes.subarray(at, at + to.sizes.length));
}

/** How wide a row of a gradient is: as its input. */
function widthOf({ shape, mechanism }: GradientProblem<FeatureMap>, { tensor }: RowPlace): number {
  const usual = QKV.find((name) => gradientName(name) === tensor);
  if (usual !== undefined) return layoutOf(shape, usual).width;
  const learned = Object.entries(featureInputs(mechanism)).find(([name]) => gradientName(name) === tensor);
  if (learned !== undefined) return layoutBy(shape, learned[1]).width;
  throw new RangeError(`featureMap: a row must name one of its gradients, got ${tensor}`);
}
