import type { Problem } from "../../../core/problem.ts";
import { elementCount } from "../../../core/shape.ts";
import { chainOf, type Summary } from "../../../mechanisms/summary/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { edgesOf } from "../../segment-edges.ts";
import { buildCall } from "../gpu/call-builder.ts";
import type { Means } from "../means.ts";
import { addAttend, addWeights } from "./attend.ts";
import { narrowed } from "./convert.ts";
import { addConvolution, addHalfSquares, addSum } from "./elementwise.ts";
import { addInverse } from "./inverse.ts";
import { ChainMatrices } from "./matrices.ts";
import { addMeans } from "./means.ts";
import { addProduct } from "./products.ts";
import { addRowSoftmax } from "./row-softmax.ts";
import { type DoneStep, isDone } from "./sizes.ts";

/** Scores are kept for so many rows at a time: in less memory than a device binds at once by default. */
const MOST_SCORE_BYTES = 2 ** 26;

/** Carries out a chain of matrix steps, each as dispatches over all heads, in float32. */
export async function prepareChain(
  problem: Problem<Summary>,
  { device, output }: Means,
  scoreBytes = MOST_SCORE_BYTES,
): Promise<Runnable> {
  const { mechanism, shape, causal } = problem;
  const chain = chainOf(mechanism, shape, causal).map((step) => {
    if (!isDone(step)) throw new TypeError(`chain: webgpu does no ${step.step}`);
    return step;
  });
  return await buildCall(device, problem, output, async (builder) => {
    const matrices = new ChainMatrices(builder, problem, chain, scoreBytes);
    let flops = 0;
    for (const step of chain) flops += await addStep(matrices, step);
    if (builder.storage === "float16") {
      const out = await matrices.named("out");
      await narrowed(builder, out.buffer, elementCount(shape, "output"));
    }
    return { executedFlops: flops, bytes: null };
  });
}

/** Adds a step; returns its operations, of which only those of products count, and those of means and sums. */
async function addStep(matrices: ChainMatrices, step: DoneStep): Promise<number> {
  const named = (name: string) => matrices.named(name);
  switch (step.step) {
    case "means": {
      const of = await named(step.of);
      const to = await named(step.to);
      await addMeans(matrices, "means", of, edgesOf(step.segments, of.rows), to);
      return to.entries * to.heads * of.rows * of.columns;
    }
    case "sum": {
      const of = [await named(step.of[0]), await named(step.of[1])] as const;
      const to = await named(step.to);
      await addSum(matrices, "sum", of, to);
      return to.entries * to.heads * to.rows * to.columns;
    }
    case "product": {
      const [a, b] = [await named(step.a), await named(step.b)];
      const to = { matrix: await named(step.to) };
      return await addProduct(matrices, {
        ...{ label: "product", a: { matrix: a }, b, to, aTransposed: step.transposed },
      });
    }
    case "attend":
      return await addAttend(matrices, step);
    case "weights":
      return await addWeights(matrices, step);
    case "pseudo-inverse":
      return await addInverse(matrices, step);
    case "half-squares": {
      const of = await named(step.of);
      const to = await named(step.to);
      await addHalfSquares(matrices, "half squares", of, to, step.factor);
      return 2 * to.entries * to.heads * of.rows * of.columns;
    }
    case "log-sizes": {
      const edges = edgesOf(step.segments, (await named(step.of)).rows);
      const sizes = edges.slice(1).map((end, at) => end - edges[at]);
      matrices.constant(step.to, Float32Array.from(sizes, Math.log));
      return 0;
    }
    case "less-log-sums":
      return await addLessLogSums(matrices, step);
    case "convolve": {
      const [of, values, taps] = [await named(step.of), await named(step.values), await named(step.taps)];
      const to = await named(step.to);
      await addConvolution(matrices, "convolution", { of, values, taps, to });
      return 2 * to.entries * to.heads * to.rows * to.columns * taps.columns;
    }
    default:
      return step satisfies never;
  }
}

/** `of_c - ln Σ_c' exp(scale·rows_c·rows_c' + bias_c')`. */
async function addLessLogSums(
  matrices: ChainMatrices,
  step: Extract<DoneStep, { readonly step: "less-log-sums" }>,
): Promise<number> {
  const { scale } = step;
  const [of, rows, bias] = [
    await matrices.named(step.of),
    await matrices.named(step.rows),
    await matrices.named(step.bias),
  ];
  const to = await matrices.named(step.to);
  const scores = matrices.own("scores", rows.rows, rows.rows, to.heads);
  const logs = matrices.own("log sums", rows.rows, 1, to.heads);
  const flops = await addProduct(matrices, {
    ...{ label: "scores", a: { matrix: rows }, b: rows, bTransposed: true },
    ...{ to: { matrix: scores }, scale, bias },
  });
  await addRowSoftmax(matrices, { label: "log sums", scores, rows: rows.rows, logs: { matrix: logs } });
  await addSum(matrices, "less log sums", [of, logs], to, -1);
  return flops;
}
