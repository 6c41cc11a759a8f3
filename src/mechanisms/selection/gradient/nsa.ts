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
 * over the last ones. Their sum is the output, so that its gradient is that of each.
 */
export function nsaBranches({ tape, of, keysOf, scale }: AskedBranches, { block, window }: Nsa): Value[] {
  const [q, k, v] = ["q", "k", "v"].map(of);
  const every = Uint32Array.from({ length: k.rows }, (_, key) => key);
  const edges = Array.from({ length: Math.ceil(k.rows / block) + 1 }, (_, at) =>
    Math.min(k.rows, at * block),
  );
  const means = [k, v].map((rows) => meansBetween(tape, rows, edges));
  const read = [
    {
      keys: means[0],
      values: [means[1]],
      keysOf: (row: number) => every.subarray(0, Math.floor((row + 1) / block)),
    },
    { keys: k, values: [v], keysOf },
    {
      keys: k,
      values: [v],
      keysOf: (row: number) => every.subarray(Math.max(0, row + 1 - window), row + 1),
    },
  ];
  return NSA_GATES.map((name, index) => {
    const usual = { queries: q, scale: tape.arithmetic.round(scale), bias: null };
    return attend(tape, { ...usual, gains: gateOf(tape, q, of(name)), ...read[index] }).outputs[0];
  });
}

/** A logistic function of each query's product with a vector. */
function gateOf(tape: Tape, q: Value, weights: Value): Value {
  const { round } = tape.arithmetic;
  return mapped(
    tape,
    product(tape, q, weights, "right"),
    (x) => 1 / round(1 + round(Math.exp(-x))),
    (_x, gate) => gate * round(1 - gate),
  );
}
