import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES, kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { CENTRES, ROUTING_ROUNDS, type Routing, routingSizes } from "../../mechanisms/selection/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Workspace } from "../workspace.ts";
import { BestKeys } from "./best-keys.ts";
import { GatheredRow } from "./gathered-rows.ts";
import { addProduct } from "./product.ts";
import { RoutingKeys } from "./routing-keys.ts";
import { copyUnitRows } from "./unit-rows.ts";

/** Tokens whose products with all centres are made together. */
const TOGETHER = 64;

/** Attention within clusters of queries and keys, row by row: every key of the centres that took a query, once. */
export function prepareRouting(
  problem: Problem,
  rule: Routing,
  scale: number,
  output: Float32Array,
): Runnable {
  const { shape, inputs, causal } = problem;
  const { batch, heads, length, headDim, valueDim } = shape;
  const { clusters, window } = routingSizes(rule, length);
  const [ofQ, ofK, ofV, ofOutput] = (["q", "k", "v", "output"] as const).map((name) => layoutOf(shape, name));
  const starts = tensorNamed(inputs, CENTRES);
  const workspace = new Workspace();
  const chosen = {
    centres: new Int32Array(batch * heads * ROUTING_ROUNDS * 2 * length),
    queries: new Int32Array(batch * heads * clusters * window),
    keys: new Int32Array(batch * heads * clusters * window),
  };
  workspace.add(...Object.values(chosen));
  const units = workspace.float64(2 * length * headDim);
  const centres = workspace.float64(clusters * headDim);
  const sums = workspace.float64(clusters * headDim);
  const products = workspace.float64(TOGETHER * clusters);
  const near = new BestKeys(window);
  const keys = new RoutingKeys(chosen, { length, clusters, window, causal }, workspace);
  const row = new GatheredRow(shape, Math.min(length, clusters * window), scale, workspace);
  workspace.add(near.keys, near.scores);
  const counted = new Float64Array(2);
  const [SECONDS, PAIRS] = [0, 1];

  /** The products of up to `TOGETHER` tokens with all centres. */
  const multiply = (token: number, count: number): void => {
    products.fill(0);
    addProduct(
      units,
      token * headDim,
      headDim,
      centres,
      headDim,
      products,
      0,
      clusters,
      count,
      clusters,
      headDim,
    );
  };
  const assign = (to: number): void => {
    for (let token = 0; token < 2 * length; token += TOGETHER) {
      const count = Math.min(TOGETHER, 2 * length - token);
      multiply(token, count);
      for (let n = 0; n < count; n++) {
        let best = 0;
        for (let centre = 1; centre < clusters; centre++) {
          if (products[n * clusters + centre] > products[n * clusters + best]) best = centre;
        }
        chosen.centres[to + token + n] = best;
      }
    }
  };
  const move = (assigned: number): void => {
    sums.fill(0);
    for (let token = 0; token < 2 * length; token++) {
      const at = chosen.centres[assigned + token] * headDim;
      for (let i = 0; i < headDim; i++) sums[at + i] += units[token * headDim + i];
    }
    for (let at = 0; at < sums.length; at += headDim) {
      let squares = 0;
      for (let i = at; i < at + headDim; i++) squares += sums[i] * sums[i];
      // One stays that has no tokens.
      if (squares === 0) continue;
      const size = Math.sqrt(squares);
      for (let i = at; i < at + headDim; i++) centres[i] = sums[i] / size;
    }
  };
  /** The tokens nearest to each centre, rising, of those whose unit rows begin with `first`. */
  const takeNearest = (first: number, taken: Int32Array, to: number): void => {
    for (let centre = 0; centre < clusters; centre++) {
      near.clear();
      for (let token = 0; token < length; token++) {
        let sum = 0;
        const at = (first + token) * headDim;
        for (let i = 0; i < headDim; i++) sum += units[at + i] * centres[centre * headDim + i];
        // What is no number has no rank, and must not keep out what has.
        near.offer(token, Number.isNaN(sum) ? Number.NEGATIVE_INFINITY : sum);
      }
      const from = to + centre * window;
      for (let n = 0; n < window; n++) taken[from + n] = near.keys[n];
      sortRising(taken, from, window);
    }
  };
  const choose = (entry: number, head: number): void => {
    const place = entry * heads + head;
    copyUnitRows(inputs.q, offsetIn(ofQ, entry, head, 0), length, headDim, units, 0);
    const keysAt = offsetIn(ofK, entry, kvHeadOf(shape, head), 0);
    copyUnitRows(inputs.k, keysAt, length, headDim, units, length * headDim);
    for (let centre = 0; centre < clusters; centre++) {
      const drawn = starts[head * clusters + centre];
      const from = headDim * (drawn > 0 ? Math.min(2 * length - 1, Math.floor(drawn)) : 0);
      for (let i = 0; i < headDim; i++) centres[centre * headDim + i] = units[from + i];
    }
    for (let round = 0; round < ROUTING_ROUNDS; round++) {
      const to = (place * ROUTING_ROUNDS + round) * 2 * length;
      assign(to);
      move(to);
    }
    takeNearest(0, chosen.queries, place * clusters * window);
    takeNearest(length, chosen.keys, place * clusters * window);
  };
  const runHead = (entry: number, head: number): void => {
    const start = performance.now();
    choose(entry, head);
    keys.open(entry * heads + head);
    counted[SECONDS] += (performance.now() - start) / 1000;
    const queriesAt = offsetIn(ofQ, entry, head, 0);
    const keysAt = offsetIn(ofK, entry, kvHeadOf(shape, head), 0);
    const valuesAt = offsetIn(ofV, entry, kvHeadOf(shape, head), 0);
    const outputAt = offsetIn(ofOutput, entry, head, 0);
    for (let query = 0; query < length; query++) {
      const count = keys.list(query, row.list);
      counted[PAIRS] += count;
      const queryAt = queriesAt + query * headDim;
      const outAt = outputAt + query * valueDim;
      row.attend(inputs.q, queryAt, inputs.k, keysAt, inputs.v, valuesAt, count, output, outAt);
    }
  };

  const rows = batch * heads * length;
  return {
    run() {
      counted[PAIRS] = 0;
      for (let entry = 0; entry < batch; entry++)
        for (let head = 0; head < heads; head++) runHead(entry, head);
    },
    output: () => output,
    choice: () => chosen,
    selectSeconds: () => counted[SECONDS],
    workspaceBytes: workspace.bytes,
    // Of the last call: which queries several centres take follows from its numbers.
    get executedFlops() {
      return 4 * rows * clusters * headDim * (ROUTING_ROUNDS + 1) + 2 * (headDim + valueDim) * counted[PAIRS];
    },
    get bytes() {
      return FLOAT_BYTES * (3 * rows * headDim + rows * valueDim + (headDim + valueDim) * counted[PAIRS]);
    },
    dispose() {},
  };
}

/** Sorts `count` numbers from `from` on by insertion into a heap, in place. */
function sortRising(numbers: Int32Array, from: number, count: number): void {
  for (let end = Math.floor(count / 2) - 1; end >= 0; end--) sink(numbers, from, end, count);
  for (let end = count - 1; end > 0; end--) {
    const most = numbers[from];
    numbers[from] = numbers[from + end];
    numbers[from + end] = most;
    sink(numbers, from, 0, end);
  }
}

function sink(numbers: Int32Array, from: number, start: number, count: number): void {
  const value = numbers[from + start];
  let at = start;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= count) break;
    if (below + 1 < count && numbers[from + below + 1] > numbers[from + below]) below++;
    if (numbers[from + below] <= value) break;
    numbers[from + at] = numbers[from + below];
    at = below;
  }
  numbers[from + at] = value;
}
