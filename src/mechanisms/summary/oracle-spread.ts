import { FLOAT32_EPSILON } from "../../core/error-budget.ts";
import { float64, type Rounding, sumsOf } from "../oracle.ts";
import { attend } from "./oracle-attend.ts";
import { type Dense, pickRows, rowNorms } from "./oracle-matrix.ts";

/** Rows of improved clustered attention. */
export interface AskedSpread {
  readonly rows: readonly number[];
  readonly members: Int32Array;
  /** Best keys of each cluster. */
  readonly count: number;
  readonly queries: Dense;
  readonly means: Dense;
  /** The means by which it is decided which keys are best: those of float64. */
  readonly deciding: Dense;
  readonly keys: Dense;
  readonly values: Dense;
  readonly scale: number;
}

/** A cluster's mean among all keys. */
interface Centre {
  readonly best: readonly number[];
  /** The weight of the best keys together, and what may be off. */
  readonly mass: number;
  readonly massMoved: number;
  /** What the other keys give to each member, and what may be off. */
  readonly rest: Float64Array;
  readonly restMoved: Float64Array;
}

/**
 * `Σ_{j not best} w_cj v_j + Σ_{j best} w_cj · Σ_{j best} softmax_j(scale·q_i·k_j) v_j`, w_c the weights of the mean of
 * the row's cluster over all keys. Vyas et al. 2020, arXiv 2007.04825, section 3.3.
 */
export function spreadRows(asked: AskedSpread, round: Rounding, wantsMoved: boolean): Dense {
  const { rows, members, queries, keys, values, scale } = asked;
  const { width } = values;
  const data = new Float64Array(rows.length * width);
  const moved = new Float64Array(data.length);
  for (const cluster of new Set(rows.map((row) => members[row]))) {
    // One cluster at a time: its weights are as many as there are keys.
    const centre = centreOf(asked, cluster, round);
    const [bestKeys, bestValues] = [keys, values].map((matrix) => pickRows(matrix, centre.best));
    for (const [at, row] of rows.entries()) {
      if (members[row] !== cluster) continue;
      const query = pickRows(queries, [row]);
      const { outputs } = attend(
        { queries: query, keys: bestKeys, values: [bestValues], scale, bias: null, seen: null },
        round,
        true,
      );
      const [own] = outputs;
      for (let i = 0; i < width; i++) {
        data[at * width + i] = round(centre.rest[i] + round(centre.mass * own.data[i]));
        moved[at * width + i] =
          centre.restMoved[i] +
          centre.massMoved * Math.abs(own.data[i]) +
          centre.mass * (own.moved?.[i] ?? 0);
      }
    }
  }
  return { rows: rows.length, width, data, ...(wantsMoved && { moved }) };
}

function centreOf(asked: AskedSpread, cluster: number, round: Rounding): Centre {
  const { count, means, deciding, keys, values, scale } = asked;
  const best = bestOf(scoresOf(deciding, cluster, keys, scale, float64), count);
  const chosen = new Set(best);
  const scores = scoresOf(means, cluster, keys, scale, round);
  const largest = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  const weights = scores.map((score) => round(Math.exp(round(score - largest))));
  const within = sumsOf(round);
  const total = weights.reduce((sum, weight) => within(sum + weight), 0);
  const ofMean = rowNorms(pickRows(means, [cluster]))[0];
  const sizes = rowNorms(keys).map((norm) => norm * ofMean * scale);

  const { width } = values;
  const [rest, loads] = [new Float64Array(width), new Float64Array(width)];
  let [mass, massSize, size] = [0, 0, 0];
  for (let key = 0; key < keys.rows; key++) {
    const weight = round(weights[key] / total);
    size += weight * sizes[key];
    if (chosen.has(key)) {
      mass = within(mass + weight);
      massSize += weight * sizes[key];
      continue;
    }
    for (let i = 0; i < width; i++) {
      const value = values.data[key * width + i];
      rest[i] = within(rest[i] + within(weight * value));
      loads[i] += weight * (1 + sizes[key]) * Math.abs(value);
    }
  }
  return {
    best,
    mass,
    massMoved: FLOAT32_EPSILON * (massSize + mass * (1 + size)),
    rest,
    restMoved: loads.map((load, i) => FLOAT32_EPSILON * (load + size * Math.abs(rest[i]))),
  };
}

function scoresOf(
  queries: Dense,
  row: number,
  { rows, width, data }: Dense,
  scale: number,
  round: Rounding,
): Float64Array {
  const within = sumsOf(round);
  return Float64Array.from({ length: rows }, (_, key) => {
    let sum = 0;
    for (let i = 0; i < width; i++) {
      sum = within(sum + within(queries.data[row * width + i] * data[key * width + i]));
    }
    return round(sum * scale);
  });
}

/** The largest, the first of those as large. */
function bestOf(scores: Float64Array, count: number): number[] {
  const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
  return order.slice(0, count).sort((a, b) => a - b);
}
