import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES, kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { hashSizes, type Reformer, ROTATIONS } from "../../mechanisms/selection/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Workspace } from "../workspace.ts";
import { GatheredRow } from "./gathered-rows.ts";
import { addProduct } from "./product.ts";
import { ReformerKeys } from "./reformer-keys.ts";
import { copyUnitRows } from "./unit-rows.ts";

/** Tokens that are hashed together. */
const TOGETHER = 64;

/** Attention within buckets of hashed queries, row by row: every key that some round shows, once. */
export function prepareReformer(
  problem: Problem,
  rule: Reformer,
  scale: number,
  output: Float32Array,
): Runnable {
  const { shape, inputs, causal } = problem;
  const { batch, heads, length, headDim, valueDim } = shape;
  const [ofQ, ofV, ofOutput] = (["q", "v", "output"] as const).map((name) => layoutOf(shape, name));
  const rotations = tensorNamed(inputs, ROTATIONS);
  const workspace = new Workspace();
  const units = workspace.float64(length * headDim);
  const hashed = new Int32Array(batch * heads * rule.rounds * length);
  workspace.add(hashed);
  const hash = hashing(rule, length, headDim, units, rotations, hashed, workspace);
  const keys = new ReformerKeys(rule, length, causal, hashed, workspace);
  const most = Math.min(length, 2 * rule.chunk * rule.rounds);
  const row = new GatheredRow(shape, most, scale, workspace);
  const counted = new Float64Array(2);
  const [SECONDS, PAIRS] = [0, 1];

  const runHead = (entry: number, head: number): void => {
    const start = performance.now();
    const queriesAt = offsetIn(ofQ, entry, head, 0);
    copyUnitRows(inputs.q, queriesAt, length, headDim, units, 0);
    hash(entry * heads + head, head);
    keys.open(entry * heads + head);
    counted[SECONDS] += (performance.now() - start) / 1000;
    const valuesAt = offsetIn(ofV, entry, kvHeadOf(shape, head), 0);
    const outputAt = offsetIn(ofOutput, entry, head, 0);
    for (let query = 0; query < length; query++) {
      const count = keys.list(query, row.list);
      counted[PAIRS] += count;
      const queryAt = queriesAt + query * headDim;
      const outAt = outputAt + query * valueDim;
      row.attend(inputs.q, queryAt, units, 0, inputs.v, valuesAt, count, output, outAt);
    }
  };

  const { first, second } = hashSizes(rule, length);
  const rows = batch * heads * length;
  const hashFlops = 2 * rows * rule.rounds * (first + second) * headDim;
  return {
    run() {
      counted[PAIRS] = 0;
      for (let entry = 0; entry < batch; entry++)
        for (let head = 0; head < heads; head++) runHead(entry, head);
    },
    output: () => output,
    choice: () => ({ buckets: hashed }),
    selectSeconds: () => counted[SECONDS],
    workspaceBytes: workspace.bytes,
    // Of the last call: which keys several rounds share follows from its numbers.
    get executedFlops() {
      return hashFlops + 2 * (headDim + valueDim) * counted[PAIRS];
    },
    get bytes() {
      return FLOAT_BYTES * (2 * rows * headDim + rows * valueDim + valueDim * counted[PAIRS]);
    },
    dispose() {},
  };
}

/** Writes the buckets of a head: `argmax [xR; -xR]`, of two factors if there are. */
function hashing(
  rule: Reformer,
  length: number,
  headDim: number,
  units: Float64Array,
  rotations: Float32Array,
  hashed: Int32Array,
  workspace: Workspace,
): (place: number, head: number) => void {
  const { first, second } = hashSizes(rule, length);
  const directions = workspace.float64((first + second) * headDim);
  const products = workspace.float64(TOGETHER * (first + second));
  const fetch = (from: number): void => {
    for (let i = 0; i < headDim; i++) {
      for (let side = 0; side < first; side++)
        directions[side * headDim + i] = rotations[from + i * first + side];
      const behind = from + headDim * first + i * second;
      for (let side = 0; side < second; side++)
        directions[(first + side) * headDim + i] = rotations[behind + side];
    }
  };
  return (place, head) => {
    const size = headDim * (first + second);
    for (let round = 0; round < rule.rounds; round++) {
      fetch((head * rule.rounds + round) * size);
      const to = (place * rule.rounds + round) * length;
      for (let token = 0; token < length; token += TOGETHER) {
        const count = Math.min(TOGETHER, length - token);
        products.fill(0);
        addProduct(
          units,
          token * headDim,
          headDim,
          directions,
          headDim,
          products,
          0,
          first + second,
          count,
          first + second,
          headDim,
        );
        for (let n = 0; n < count; n++) {
          const at = n * (first + second);
          const leading = largestSide(products, at, first);
          hashed[to + token + n] =
            second === 0 ? leading : 2 * second * leading + largestSide(products, at + first, second);
        }
      }
    }
  };
}

/** Which of `count` numbers and then their opposites is the largest, the first of those as large. */
function largestSide(products: Float64Array, at: number, count: number): number {
  let best = 0;
  let most = products[at];
  for (let side = 1; side < 2 * count; side++) {
    const product = side < count ? products[at + side] : -products[at + side - count];
    if (!(product > most)) continue;
    best = side;
    most = product;
  }
  return best;
}
