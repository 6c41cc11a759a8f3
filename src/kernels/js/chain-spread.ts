import type { Improved, Spread } from "../../mechanisms/summary/declare.ts";
import type { Workspace } from "../workspace.ts";
import { BestKeys } from "./best-keys.ts";
import { type Matrices, type Place, packRows, type Stored } from "./chain-matrices.ts";
import type { ChainStep } from "./chain-step.ts";

/** Each row takes what its cluster was answered; with best keys, it weighs those by itself. */
export function prepareSpread(step: Spread, matrices: Matrices, workspace: Workspace): ChainStep {
  const [of, members] = [matrices.get(step.of), matrices.get(step.members)];
  const { width } = of;
  const to = matrices.make(step.to, members.rows, width, [of, members]);
  const copy = (place: Place): void => {
    const toAt = to.at(place);
    for (let row = 0; row < to.rows; row++) {
      const from = members.data[row] * width;
      for (let i = 0; i < width; i++) to.data[toAt + row * width + i] = of.data[from + i];
    }
  };
  const written = to.isTensor ? to.rows * width : 0;
  if (step.improved === undefined) return { perHead: to.perHead, flops: 0, floats: written, run: copy };
  return prepareImproved(step.improved, { of, members, to }, matrices, workspace);
}

interface Spreading {
  readonly of: Stored;
  readonly members: Stored;
  readonly to: Stored;
}

function prepareImproved(
  improved: Improved,
  { of, members, to }: Spreading,
  matrices: Matrices,
  workspace: Workspace,
): ChainStep {
  const { scale } = improved;
  const [queries, means, keys, values] = (["queries", "means", "keys", "values"] as const).map((name) =>
    matrices.get(improved[name]),
  );
  const clusters = means.rows;
  const [headDim, width] = [keys.width, values.width];
  const count = Math.min(improved.count, keys.rows);
  const best = new BestKeys(count);
  const chosen = new Int32Array(clusters * count);
  workspace.add(chosen, best.keys, best.scores);
  const scores = workspace.float64(keys.rows);
  /** What the best keys are given together, and what the others are answered. */
  const mass = workspace.float64(clusters);
  const rest = workspace.float64(clusters * width);
  const sums = workspace.float64(width);
  const weights = workspace.float64(count);
  const query = workspace.float64(headDim);

  const prepareCluster = (cluster: number, keysAt: number, valuesAt: number): void => {
    best.clear();
    let largest = -Number.MAX_VALUE;
    for (let key = 0; key < keys.rows; key++) {
      const [from, other] = [keysAt + key * headDim, cluster * headDim];
      let sum = 0;
      for (let i = 0; i < headDim; i++) sum += means.data[other + i] * keys.data[from + i];
      const score = sum * scale;
      scores[key] = score;
      if (score > largest) largest = score;
      best.offer(key, score);
    }
    let total = 0;
    for (let key = 0; key < keys.rows; key++) total += Math.exp(scores[key] - largest);
    mass[cluster] = 0;
    const restAt = cluster * width;
    for (let i = 0; i < width; i++) rest[restAt + i] = of.data[restAt + i];
    for (let at = 0; at < count; at++) {
      const key = best.keys[at];
      chosen[cluster * count + at] = key;
      const weight = Math.exp(scores[key] - largest) / total;
      mass[cluster] += weight;
      for (let i = 0; i < width; i++) {
        rest[restAt + i] -= weight * values.data[valuesAt + key * width + i];
      }
    }
  };
  const weighRow = (row: number, queriesAt: number, keysAt: number, valuesAt: number, toAt: number): void => {
    const cluster = members.data[row];
    packRows(queries.data, queriesAt, headDim, row, 1, 1, query);
    let largest = -Number.MAX_VALUE;
    for (let at = 0; at < count; at++) {
      const from = keysAt + chosen[cluster * count + at] * headDim;
      let sum = 0;
      for (let i = 0; i < headDim; i++) sum += query[i] * keys.data[from + i];
      weights[at] = sum * scale;
      if (weights[at] > largest) largest = weights[at];
    }
    let total = 0;
    sums.fill(0);
    for (let at = 0; at < count; at++) {
      const weight = Math.exp(weights[at] - largest);
      total += weight;
      const from = valuesAt + chosen[cluster * count + at] * width;
      for (let i = 0; i < width; i++) sums[i] += weight * values.data[from + i];
    }
    const factor = mass[cluster] / total;
    for (let i = 0; i < width; i++) to.data[toAt + i] = rest[cluster * width + i] + factor * sums[i];
  };

  const pairs = queries.rows * count;
  return {
    perHead: to.perHead,
    flops: 2 * clusters * keys.rows * headDim + 2 * pairs * (headDim + width),
    floats: clusters * (keys.rows * headDim + count * width) + (pairs + to.rows) * (headDim + width),
    run(place) {
      const [keysAt, valuesAt] = [keys.at(place), values.at(place)];
      const [queriesAt, toAt] = [queries.at(place), to.at(place)];
      for (let cluster = 0; cluster < clusters; cluster++) prepareCluster(cluster, keysAt, valuesAt);
      for (let row = 0; row < to.rows; row++) {
        weighRow(row, queriesAt, keysAt, valuesAt, toAt + row * width);
      }
    },
  };
}
