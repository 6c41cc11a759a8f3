import { attend } from "../../gradient/tape/attend.ts";
import { type Tape, Value } from "../../gradient/tape/tape.ts";

/** Improved clustered attention. */
export interface Improved {
  readonly members: Int32Array;
  /** Best keys of each cluster. */
  readonly count: number;
  readonly queries: Value;
  readonly means: Value;
  /** The means by which it is decided which keys are best: those of float64. */
  readonly deciding: Value;
  readonly keys: Value;
  readonly values: Value;
  readonly scale: number;
}

/**
 * `rest_c + mass_c · own_i`: of the weights of the row's cluster those of the keys that are not best, and what the best ones
 * weigh together times the row's own softmax over them. Which keys are best is no function that has a gradient.
 */
export function improvedRows(tape: Tape, asked: Improved): Value {
  const { members, queries, means, keys, values, scale } = asked;
  const clusters = [...new Set(members)];
  const best = new Map(clusters.map((cluster) => [cluster, bestOf(asked, cluster)]));
  const own = attend(tape, {
    queries,
    keys,
    values: [values],
    scale,
    bias: null,
    keysOf: (row) => best.get(members[row]) ?? [],
  }).outputs[0];
  // A channel of ones above the best keys makes their mass, and zeros in their place leave the rest.
  const spread = clusters.map((cluster) => {
    const chosen = new Set(best.get(cluster));
    const centre = oneRow(tape, means, cluster);
    const rest = withoutRows(tape, values, chosen);
    const marks = new Value(
      keys.rows,
      1,
      Float64Array.from({ length: keys.rows }, (_, key) => Number(chosen.has(key))),
    );
    const made = attend(tape, {
      queries: centre,
      keys,
      values: [rest, marks],
      scale,
      bias: null,
      keysOf: null,
    });
    return { cluster, rest: made.outputs[0], mass: made.outputs[1] };
  });
  const of = new Map(spread.map((one) => [one.cluster, one]));
  const { round, dot, add } = tape.arithmetic;
  const { width } = values;
  const data = new Float64Array(queries.rows * width);
  const each = (act: (row: number, of: (typeof spread)[number]) => void): void => {
    for (const [row, cluster] of members.entries()) {
      const one = of.get(cluster);
      if (one !== undefined) act(row, one);
    }
  };
  each((row, { rest, mass }) => {
    for (let i = 0; i < width; i++) {
      data[row * width + i] = round(rest.data[i] + round(mass.data[0] * own.data[row * width + i]));
    }
  });
  return tape.made(queries.rows, width, data, (gradient) => {
    each((row, { rest, mass }) => {
      const along = { of: gradient, at: row * width, step: 1 };
      if (gradient.subarray(row * width, (row + 1) * width).every((g) => g === 0)) return;
      add(1, gradient, row * width, rest.adjoint, 0, width);
      mass.adjoint[0] = round(
        mass.adjoint[0] + dot(along, { of: own.data, at: row * width, step: 1 }, width),
      );
      add(mass.data[0], gradient, row * width, own.adjoint, row * width, width);
    });
  });
}

/** The keys of the largest scores, the first of those as large. */
function bestOf({ count, deciding, keys, scale }: Improved, cluster: number): number[] {
  const { width } = keys;
  const scores = Array.from({ length: keys.rows }, (_, key) => {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += deciding.data[cluster * width + i] * keys.data[key * width + i];
    return sum * scale;
  });
  const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
  return order.slice(0, count).sort((a, b) => a - b);
}

function oneRow(tape: Tape, of: Value, row: number): Value {
  const { width } = of;
  const data = of.data.slice(row * width, (row + 1) * width);
  return tape.made(1, width, data, (gradient) =>
    tape.arithmetic.add(1, gradient, 0, of.adjoint, row * width, width),
  );
}

/** The same with some rows zero. */
function withoutRows(tape: Tape, of: Value, rows: ReadonlySet<number>): Value {
  const { width } = of;
  const data = Float64Array.from(of.data);
  for (const row of rows) data.fill(0, row * width, (row + 1) * width);
  return tape.made(of.rows, width, data, (gradient) => {
    for (let row = 0; row < of.rows; row++) {
      if (!rows.has(row)) tape.arithmetic.add(1, gradient, row * width, of.adjoint, row * width, width);
    }
  });
}
