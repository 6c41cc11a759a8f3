import type { Improved, Spread } from "../../../../mechanisms/summary/declare.ts";
import { BestKeys } from "../../best-keys.ts";
import type { Stored } from "../../chain-matrices.ts";
import { AttentionRows, pairBackFlops } from "../attention-rows.ts";
import { addToSums, type Factor } from "../factor.ts";
import type { MatricesBack, StepBack } from "./matrices.ts";

/** What came to a row goes to that of its cluster. */
export function spreadBack(step: Spread, matrices: MatricesBack, members: Stored): StepBack {
  if (step.improved !== undefined) return improvedBack(step.to, step.improved, matrices, members);
  const { width } = matrices.prepare(step.of);
  const { rows } = matrices.prepare(step.to);
  return {
    flops: 2 * rows * width,
    run(at) {
      const [of, along] = [matrices.factor(step.of, at), matrices.along(step.to, at)];
      for (let row = 0; row < rows; row++) {
        addToSums(of, members.data[row], 1, along.values, along.at + row * width);
      }
    },
  };
}

/**
 * Of `rest_c + mass_c · own_i`: rows by themselves over the best keys of their cluster, and then each cluster over all keys,
 * of which the best ones get what came to their mass, and the others what came to the rest.
 */
function improvedBack(to: string, improved: Improved, matrices: MatricesBack, members: Stored): StepBack {
  const { scale } = improved;
  const [{ rows }, { rows: clusters }, { rows: count, width: headDim }, { width: valueDim }] = (
    ["queries", "means", "keys", "values"] as const
  ).map((name) => matrices.prepare(improved[name]));
  matrices.prepare(to);
  const { workspace } = matrices;
  const many = Math.min(improved.count, count);
  const best = new BestKeys(many);
  workspace.add(best.keys, best.scores);
  const [weights, slopes] = [workspace.float64(count), workspace.float64(count)];
  const own = new AttentionRows(many, workspace);
  const [made, ofRest] = [workspace.float64(valueDim), workspace.float64(valueDim)];
  const along = workspace.float64(rows * valueDim);

  /** Weights of a cluster's mean over all keys; its best keys are in `best`. */
  const weigh = (cluster: number, means: Factor, keys: Factor): void => {
    best.clear();
    let largest = Number.NEGATIVE_INFINITY;
    for (let key = 0; key < count; key++) {
      const [one, other] = [means.at + cluster * headDim, keys.at + key * headDim];
      let sum = 0;
      for (let i = 0; i < headDim; i++) sum += means.values[one + i] * keys.values[other + i];
      weights[key] = sum * scale;
      largest = Math.max(largest, weights[key]);
      best.offer(key, weights[key]);
    }
    let total = 0;
    for (let key = 0; key < count; key++) {
      weights[key] = Math.exp(weights[key] - largest);
      total += weights[key];
    }
    for (let key = 0; key < count; key++) weights[key] /= total;
  };
  return {
    flops:
      clusters * count * (6 * headDim + 4 * valueDim) +
      rows * many * (pairBackFlops(headDim, valueDim) + 2 * headDim),
    run(at) {
      const [queries, means, keys, values] = (["queries", "means", "keys", "values"] as const).map((name) =>
        matrices.factor(improved[name], at),
      );
      const dout = matrices.along(to, at);
      const attention = {
        queries,
        keys,
        weighed: [{ values, along, alongAt: 0 }],
        scale,
        bias: null,
        logSums: null,
      };
      for (let cluster = 0; cluster < clusters; cluster++) {
        weigh(cluster, means, keys);
        let mass = 0;
        for (let n = 0; n < many; n++) mass += weights[best.keys[n]];
        ofRest.fill(0);
        let [ofMass, found] = [0, 0];
        for (let row = 0; row < rows; row++) {
          if (members.data[row] !== cluster) continue;
          found++;
          const from = dout.at + row * valueDim;
          own.makeListed(attention, row, best.keys, many, made);
          for (let i = 0; i < valueDim; i++) {
            const g = dout.values[from + i];
            ofRest[i] += g;
            ofMass += g * made[i];
            along[row * valueDim + i] = mass * g;
          }
          own.listed(attention, row, best.keys, many);
        }
        if (found === 0) continue;
        clusterBack(cluster, { means, keys, values }, ofMass);
      }
    },
  };

  function clusterBack(
    cluster: number,
    { means, keys, values }: { readonly means: Factor; readonly keys: Factor; readonly values: Factor },
    ofMass: number,
  ): void {
    for (let key = 0; key < count; key++) {
      slopes[key] = 0;
      for (let i = 0; i < valueDim; i++)
        slopes[key] += ofRest[i] * values.values[values.at + key * valueDim + i];
    }
    for (let n = 0; n < many; n++) slopes[best.keys[n]] = ofMass;
    let mean = 0;
    for (let key = 0; key < count; key++) mean += weights[key] * slopes[key];
    for (let key = 0; key < count; key++) {
      const slope = scale * weights[key] * (slopes[key] - mean);
      addToSums(means, cluster, slope, keys.values, keys.at + key * headDim);
      addToSums(keys, key, slope, means.values, means.at + cluster * headDim);
    }
    for (let n = 0; n < many; n++) weights[best.keys[n]] = 0;
    for (let key = 0; key < count; key++) addToSums(values, key, weights[key], ofRest, 0);
  }
}
