import type {
  Clusters,
  Convolve,
  HalfSquares,
  Means,
  Product,
  Sum,
  Weights,
} from "../../../../mechanisms/summary/declare.ts";
import type { Stored } from "../../chain-matrices.ts";
import { edgesOf } from "../../chain-sums.ts";
import { addToSums } from "../factor.ts";
import type { MatricesBack, StepBack } from "./matrices.ts";

/** Steps that add, on the way back. */

/** Every row of a segment gets its share of what came to the mean. */
export function meansBack(step: Means, matrices: MatricesBack): StepBack {
  const { rows, width } = matrices.prepare(step.of);
  const edges = edgesOf(rows, step.segments);
  matrices.prepare(step.to);
  return {
    flops: 2 * rows * width,
    run(at) {
      const [of, along] = [matrices.factor(step.of, at), matrices.along(step.to, at)];
      for (let t = 0; t + 1 < edges.length; t++) {
        const share = 1 / (edges[t + 1] - edges[t]);
        for (let row = edges[t]; row < edges[t + 1]; row++) {
          addToSums(of, row, share, along.values, along.at + t * width);
        }
      }
    },
  };
}

/** The same, of the rows of a cluster. */
export function clustersBack(step: Clusters, matrices: MatricesBack, members: Stored): StepBack {
  const { rows, width } = matrices.prepare(step.of);
  const { rows: clusters } = matrices.prepare(step.to);
  const counts = new Int32Array(clusters);
  matrices.workspace.add(counts);
  return {
    flops: 2 * rows * width,
    run(at) {
      const [of, along] = [matrices.factor(step.of, at), matrices.along(step.to, at)];
      counts.fill(0);
      for (let row = 0; row < rows; row++) counts[members.data[row]]++;
      for (let row = 0; row < rows; row++) {
        const cluster = members.data[row];
        addToSums(of, row, 1 / counts[cluster], along.values, along.at + cluster * width);
      }
    },
  };
}

export function sumBack(step: Sum, matrices: MatricesBack): StepBack {
  const [{ rows, width }] = step.of.map((name) => matrices.prepare(name));
  matrices.prepare(step.to);
  return {
    flops: 2 * rows * width,
    run(at) {
      const along = matrices.along(step.to, at);
      for (const name of step.of) {
        const of = matrices.factor(name, at);
        for (let row = 0; row < rows; row++) addToSums(of, row, 1, along.values, along.at + row * width);
      }
    },
  };
}

/** `dA = dC Bᵀ` and `dB = Aᵀ dC`, or the same with A turned. */
export function productBack(step: Product, matrices: MatricesBack): StepBack {
  const { rows: ownRows, width: ownWidth } = matrices.prepare(step.a);
  const { rows: inner, width } = matrices.prepare(step.b);
  const { rows } = matrices.prepare(step.to);
  const [ofRow, ofInner] = step.transposed ? [1, ownWidth] : [ownWidth, 1];
  return {
    flops: 4 * ownRows * ownWidth * width,
    run(at) {
      const [a, b, along] = [
        matrices.factor(step.a, at),
        matrices.factor(step.b, at),
        matrices.along(step.to, at),
      ];
      for (let row = 0; row < rows; row++) {
        const from = along.at + row * width;
        for (let i = 0; i < inner; i++) {
          const place = row * ofRow + i * ofInner;
          let sum = 0;
          for (let c = 0; c < width; c++) sum += along.values[from + c] * b.values[b.at + i * width + c];
          if (a.sums !== null) a.sums[a.sumsAt + place] += sum;
          addToSums(b, i, a.values[a.at + place], along.values, from);
        }
      }
    },
  };
}

/** Of weights that are known: `ds = p (dp - Σ p dp)`. */
export function weightsBack(step: Weights, matrices: MatricesBack): StepBack {
  const { rows, width } = matrices.prepare(step.queries);
  const { rows: count } = matrices.prepare(step.keys);
  matrices.prepare(step.to);
  return {
    flops: rows * count * (4 * width + 5),
    run(at) {
      const [queries, keys] = [matrices.factor(step.queries, at), matrices.factor(step.keys, at)];
      const [weights, along] = [matrices.factor(step.to, at), matrices.along(step.to, at)];
      for (let row = 0; row < rows; row++) {
        const [own, from] = [weights.at + row * count, along.at + row * count];
        let mean = 0;
        for (let key = 0; key < count; key++) mean += weights.values[own + key] * along.values[from + key];
        for (let key = 0; key < count; key++) {
          const slope = step.scale * weights.values[own + key] * (along.values[from + key] - mean);
          addToSums(queries, row, slope, keys.values, keys.at + key * width);
          addToSums(keys, key, slope, queries.values, queries.at + row * width);
        }
      }
    },
  };
}

export function halfSquaresBack(step: HalfSquares, matrices: MatricesBack): StepBack {
  const { rows, width } = matrices.prepare(step.of);
  matrices.prepare(step.to);
  return {
    flops: rows * (2 * width + 1),
    run(at) {
      const [of, along] = [matrices.factor(step.of, at), matrices.along(step.to, at)];
      for (let row = 0; row < rows; row++) {
        addToSums(of, row, step.factor * along.values[along.at + row], of.values, of.at + row * width);
      }
    },
  };
}

export function convolveBack(step: Convolve, matrices: MatricesBack): StepBack {
  const { rows, width } = matrices.prepare(step.of);
  const { rows: tokens } = matrices.prepare(step.values);
  const { width: taps } = matrices.prepare(step.taps);
  matrices.prepare(step.to);
  const before = tokens - rows - Math.floor(taps / 2);
  return {
    flops: rows * width * (2 + 4 * taps),
    run(at) {
      const [of, values, weights] = [step.of, step.values, step.taps].map((name) =>
        matrices.factor(name, at),
      );
      const along = matrices.along(step.to, at);
      for (let row = 0; row < rows; row++) {
        const from = along.at + row * width;
        addToSums(of, row, 1, along.values, from);
        for (let tap = Math.max(0, -row - before); tap < Math.min(taps, tokens - row - before); tap++) {
          const token = row + before + tap;
          let ofTap = 0;
          for (let i = 0; i < width; i++) {
            ofTap += along.values[from + i] * values.values[values.at + token * width + i];
          }
          if (weights.sums !== null) weights.sums[weights.sumsAt + tap] += ofTap;
          addToSums(values, token, weights.values[weights.at + tap], along.values, from);
        }
      }
    },
  };
}
