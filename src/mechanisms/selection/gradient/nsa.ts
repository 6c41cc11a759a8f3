import { attend } from "../../gradient/tape/attend.ts";
import { mapped } from "../../gradient/tape/elementwise.ts";
import { meansBetween } from "../../gradient/tape/means.ts";
import { product } from "../../gradient/tape/products.ts";
import type { Tape, Value } from "../../gradient/tape/tape.ts";
import { NSA_GATES, type Nsa } from "../declare.ts";

/** One head: what it reads by name, the keys that it chose, and the factor on q·k. */
interface AskedBranches {
  readonly tape: Tape;
  readonly of: (name: string) => Value;
  readonly keysOf: (row: number) => Uint32Array;
  readonly scale: number;
}

/**
 * Three softmaxes, each times its gate `g = σ(q·w)`: over the means of the blocks that have ended, over the chosen keys, and
 * over the last ones. A gate gets `Σ_c dout_c row_c` times `g (1 - g)`.
 */
export function nsaBranches({ tape, of, keysOf, scale }: AskedBranches, { block, window }: Nsa): Value {
  const [q, k, v] = ["q", "k", "v"].map(of);
  const every = Uint32Array.from({ length: k.rows }, (_, key) => key);
  const edges = Array.from({ length: Math.ceil(k.rows / block) + 1 }, (_, at) =>
    Math.min(k.rows, at * block),
  );
  const means = [k, v].map((rows) => meansBetween(tape, rows, edges));
  const usual = { queries: q, scale: tape.arithmetic.round(scale), bias: null };
  const branches = [
    attend(tape, {
      ...usual,
      keys: means[0],
      values: [means[1]],
      keysOf: (row) => every.subarray(0, Math.floor((row + 1) / block)),
    }),
    attend(tape, { ...usual, keys: k, values: [v], keysOf }),
    attend(tape, {
      ...usual,
      keys: k,
      values: [v],
      keysOf: (row) => every.subarray(Math.max(0, row + 1 - window), row + 1),
    }),
  ].map(({ outputs }) => outputs[0]);
  const { round } = tape.arithmetic;
  const gates = NSA_GATES.map((name) =>
    mapped(
      tape,
      product(tape, q, of(name), "right"),
      (x) => 1 / round(1 + round(Math.exp(-x))),
      (_x, gate) => gate * round(1 - gate),
    ),
  );
  return gatedSum(tape, branches, gates);
}

/** `Σ_b g_b row_b`, a gate for each row. */
function gatedSum(tape: Tape, branches: readonly Value[], gates: readonly Value[]): Value {
  const { add, dot, round } = tape.arithmetic;
  const [{ rows, width }] = branches;
  const data = new Float64Array(rows * width);
  const each = (act: (row: number, branch: Value, gate: Value) => void): void => {
    for (const [index, branch] of branches.entries()) {
      for (let row = 0; row < rows; row++) act(row, branch, gates[index]);
    }
  };
  each((row, branch, gate) => add(gate.data[row], branch.data, row * width, data, row * width, width));
  return tape.made(rows, width, data, (gradient) => {
    each((row, branch, gate) => {
      const at = row * width;
      if (gradient.subarray(at, at + width).every((g) => g === 0)) return;
      add(gate.data[row], gradient, at, branch.adjoint, at, width);
      const ofGate = dot({ of: gradient, at, step: 1 }, { of: branch.data, at, step: 1 }, width);
      gate.adjoint[row] = round(gate.adjoint[row] + ofGate);
    });
  });
}
