import type { Shape } from "../../../core/shape.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { SoftmaxPattern } from "../../../mechanisms/softmax-pattern/declare.ts";
import type { Attend, Weights } from "../../../mechanisms/summary/declare.ts";
import { everything } from "../../../pattern/band.ts";
import { endedBlocks } from "../../ended-blocks.ts";
import { addPairs } from "../pairs/prepare.ts";
import { addCopies, addTransposed } from "./elementwise.ts";
import type { ChainMatrices, ChainMatrix } from "./matrices.ts";
import { addProduct } from "./products.ts";
import { addRowSoftmax } from "./row-softmax.ts";

/** Values that are attended, and what becomes of them. */
interface Attended {
  readonly values: ChainMatrix;
  readonly to: ChainMatrix;
}

/** Adds a cross attention; returns its operations. */
export async function addAttend(matrices: ChainMatrices, step: Attend): Promise<number> {
  const { queries, keys, bias, logSums } = step;
  const all: Attended[] = [];
  for (const { values, to } of [step, ...(step.also ?? [])]) {
    all.push({ values: await matrices.named(values), to: await matrices.named(to) });
  }
  if (keys === null) return await addUnitKeys(matrices, await matrices.named(queries ?? ""), step.scale, all);
  if (queries === null) return await addUnitQueries(matrices, await matrices.named(keys), step.scale, all);
  const pair = { queries: await matrices.named(queries), keys: await matrices.named(keys) };
  if (bias === undefined && logSums === undefined) return await addInTiles(matrices, step, pair, all);
  const biases = bias === undefined ? undefined : await matrices.named(bias);
  const logs = logSums === undefined ? undefined : await matrices.named(logSums);
  return await addByScores(matrices, { ...pair, bias: biases, logs, scale: step.scale }, all);
}

/** The weights themselves. */
export async function addWeights(matrices: ChainMatrices, step: Weights): Promise<number> {
  const { scale } = step;
  const [queries, keys, to] = [
    await matrices.named(step.queries),
    await matrices.named(step.keys),
    await matrices.named(step.to),
  ];
  const flops = await addProduct(matrices, {
    label: "scores",
    ...{ a: { matrix: queries }, b: keys, bTransposed: true, to: { matrix: to }, scale },
  });
  await addRowSoftmax(matrices, { label: "weights", scores: to, rows: to.rows, weighs: true });
  return flops;
}

/** Queries and keys, each from its matrix. */
interface Pair {
  readonly queries: ChainMatrix;
  readonly keys: ChainMatrix;
}

/** By the tiles of softmax over a pattern, whose heads are the chain's. What lies otherwise than in a call is copied first. */
async function addInTiles(
  matrices: ChainMatrices,
  { scale, ended }: Attend,
  pair: Pair,
  all: readonly Attended[],
): Promise<number> {
  const { batch } = matrices.shape;
  const { keys } = pair;
  const pattern = ended === undefined ? everything() : endedBlocks({ ...ended, queries: pair.queries.rows });
  const mechanism: SoftmaxPattern = { kind: "softmaxPattern", pattern, scale };
  let flops = 0;
  for (const { values, to } of all) {
    const { heads } = to;
    const alike = keys.heads === values.heads && keys.entries === batch && values.entries === batch;
    const kvHeads = alike ? keys.heads : heads;
    const q = await asTensor(matrices, pair.queries, heads);
    const k = await asTensor(matrices, keys, kvHeads);
    const v = await asTensor(matrices, values, kvHeads);
    const shape: Shape = {
      ...{ batch, heads, kvHeads, length: keys.rows, queries: q.rows },
      ...{ headDim: keys.columns, valueDim: values.columns },
    };
    const task = { mechanism, shape, causal: false, threads: 1 };
    const tensors = { q: q.buffer, k: k.buffer, v: v.buffer, output: to.buffer };
    flops += await addPairs(matrices.builder, task, tensors);
  }
  return flops;
}

/** A matrix of every batch entry, for so many heads. */
async function asTensor(matrices: ChainMatrices, matrix: ChainMatrix, heads: number): Promise<ChainMatrix> {
  if (matrix.entries === matrices.shape.batch && matrix.heads === heads) return matrix;
  const copy = matrices.own("copies", matrix.rows, matrix.columns, heads);
  await addCopies(matrices, "copies", matrix, copy);
  return copy;
}

/** By scores in memory, some rows at a time: with a number for each key, or with the sums of their powers. */
async function addByScores(
  matrices: ChainMatrices,
  {
    queries,
    keys,
    bias,
    logs,
    scale,
  }: Pair & {
    readonly bias: ChainMatrix | undefined;
    readonly logs: ChainMatrix | undefined;
    readonly scale: number;
  },
  all: readonly Attended[],
): Promise<number> {
  const { heads } = all[0].to;
  const rowBytes = FLOAT_BYTES * matrices.shape.batch * heads * keys.rows;
  const most = Math.min(queries.rows, Math.max(1, Math.floor(matrices.scoreBytes / rowBytes)));
  const scores = matrices.own("scores", most, keys.rows, heads);
  let flops = 0;
  for (let first = 0; first < queries.rows; first += most) {
    const rows = Math.min(most, queries.rows - first);
    flops += await addProduct(matrices, {
      label: "scores",
      ...{ a: { matrix: queries, first }, b: keys, bTransposed: true, to: { matrix: scores }, rows, scale },
      ...(bias !== undefined && { bias }),
    });
    await addRowSoftmax(matrices, {
      label: "weights of scores",
      ...{ scores, rows, weighs: true },
      ...(logs !== undefined && { logs: { matrix: logs, first } }),
    });
    for (const { values, to } of all) {
      const a = { matrix: scores };
      flops += await addProduct(matrices, { label: "values", a, b: values, to: { matrix: to, first }, rows });
    }
  }
  return flops;
}

/** The score of the j-th key is the j-th channel of the query. */
async function addUnitKeys(
  matrices: ChainMatrices,
  queries: ChainMatrix,
  scale: number,
  all: readonly Attended[],
): Promise<number> {
  const { rows, columns, heads } = queries;
  const weights = matrices.own("weights", rows, columns, heads);
  await addCopies(matrices, "channels", queries, weights);
  await addRowSoftmax(matrices, { label: "weights of channels", scores: weights, scale, rows, weighs: true });
  return await addValues(matrices, weights, all);
}

/** The i-th query scores a key by its i-th channel. */
async function addUnitQueries(
  matrices: ChainMatrices,
  keys: ChainMatrix,
  scale: number,
  all: readonly Attended[],
): Promise<number> {
  const { rows, columns, heads } = keys;
  const weights = matrices.own("weights", columns, rows, heads);
  await addTransposed(matrices, "channels", keys, weights);
  await addRowSoftmax(matrices, {
    label: "weights of tokens",
    scores: weights,
    scale,
    rows: columns,
    weighs: true,
  });
  return await addValues(matrices, weights, all);
}

async function addValues(
  matrices: ChainMatrices,
  weights: ChainMatrix,
  all: readonly Attended[],
): Promise<number> {
  let flops = 0;
  for (const { values, to } of all) {
    const a = { matrix: weights };
    flops += await addProduct(matrices, { label: "values", a, b: values, to: { matrix: to } });
  }
  return flops;
}
