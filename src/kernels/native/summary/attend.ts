import type { Problem } from "../../../core/problem.ts";
import type { Shape } from "../../../core/shape.ts";
import type { SoftmaxPattern } from "../../../mechanisms/softmax-pattern/declare.ts";
import type { Attend, Weights } from "../../../mechanisms/summary/declare.ts";
import { everything } from "../../../pattern/band.ts";
import { endedBlocks } from "../../ended-blocks.ts";
import { ROWS } from "../pairwise/layout.ts";
import { prepareAttention } from "../pairwise/softmax-kernel.ts";
import { inTurn, type PlannedSum, sumRows } from "../products/operations.ts";
import { planBiased } from "./biased.ts";
import type { ChainMatrix } from "./matrices.ts";
import { type ChainPart, givenBytes, queuePart } from "./part.ts";
import type { Planning } from "./planning.ts";
import { planUnitKeys, planUnitQueries } from "./unit-vectors.ts";

/** One softmax attention of every head, over matrices of a chain. */
interface Attention {
  readonly queries: ChainMatrix;
  readonly keys: ChainMatrix;
  readonly values: ChainMatrix;
  readonly to: ChainMatrix;
  readonly mechanism: SoftmaxPattern;
}

/** Cross attention, once for each of the values that share its weights. */
export function planAttend(planning: Planning, step: Attend): ChainPart[] {
  const { matrices } = planning;
  const named = (name: string): ChainMatrix => matrices.named(name);
  if (step.keys === null) return planUnitKeys(planning, step, named(step.queries ?? ""));
  if (step.queries === null) return planUnitQueries(planning, step, named(step.keys));
  const [queries, keys] = [named(step.queries), named(step.keys)];
  if (step.bias !== undefined || step.logSums !== undefined) {
    return planBiased(planning, step, queries, keys);
  }
  const pattern =
    step.ended === undefined ? everything() : endedBlocks({ ...step.ended, queries: queries.rows });
  const mechanism: SoftmaxPattern = { kind: "softmaxPattern", pattern, scale: step.scale };
  return [step, ...(step.also ?? [])].flatMap(({ to, values }) =>
    attention(planning, { queries, keys, values: named(values), to: named(to), mechanism }),
  );
}

/** The weights themselves, which are what unit vectors as values become. */
export function planWeights(planning: Planning, step: Weights): ChainPart[] {
  const { matrices } = planning;
  const [queries, keys, to] = [step.queries, step.keys, step.to].map((name) => matrices.named(name));
  const values = matrices.own(keys.rows, keys.rows, keys.perHead);
  for (const { entry, head } of matrices.copies(keys.perHead)) {
    const { from, row } = values.of(entry, head);
    for (let unit = 0; unit < keys.rows; unit++) values.array[from + unit * (row + 1)] = 1;
  }
  const mechanism: SoftmaxPattern = { kind: "softmaxPattern", pattern: everything(), scale: step.scale };
  return attention(planning, { queries, keys, values, to, mechanism });
}

/** As a call of the family, whose heads are the chain's. What lies otherwise than in a call is copied first. */
function attention(planning: Planning, { mechanism, ...given }: Attention): ChainPart[] {
  const { matrices, means } = planning;
  const { batch, heads, kvHeads } = matrices.shape;
  const copied: ChainPart[] = [];
  const asTensor = (matrix: ChainMatrix, perHead: boolean): ChainMatrix => {
    if (matrix.home !== "weights" && matrix.perHead === perHead) return matrix;
    const copy = matrices.own(matrix.rows, matrix.columns, perHead);
    copied.push(copyOf(planning, matrix, copy));
    return copy;
  };
  const perHead = given.keys.perHead || given.values.perHead;
  const queries = asTensor(given.queries, true);
  const [keys, values] = [given.keys, given.values].map((matrix) => asTensor(matrix, perHead));
  const to = given.to.perHead ? given.to : matrices.own(given.to.rows, given.to.columns, true);
  const shape: Shape = {
    ...{ batch, heads, kvHeads: perHead ? heads : kvHeads },
    ...{ length: keys.rows, queries: queries.rows, headDim: keys.columns, valueDim: values.columns },
  };
  const problem: Problem = {
    ...{ mechanism, shape, causal: false, threads: means.threads },
    inputs: { shape, q: queries.array, k: keys.array, v: values.array },
  };
  const inner = prepareAttention(problem, mechanism, { ffi: means.ffi, output: to.array });
  const times = Math.ceil(queries.rows / ROWS);
  const bytes = givenBytes(batch * heads, [
    [queries, 1],
    [keys, times],
    [values, times],
    [to, 1],
  ]);
  const { executedFlops, workspaceBytes } = inner;
  const attended: ChainPart = {
    run: () => inner.run(),
    flops: executedFlops ?? 0,
    bytes,
    workspaceBytes: workspaceBytes ?? 0,
    close: () => inner.dispose(),
  };
  return [...copied, attended];
}

function copyOf({ matrices, means }: Planning, from: ChainMatrix, to: ChainMatrix): ChainPart {
  const copies = matrices.copies(to.perHead);
  const sums = copies.map(
    ({ entry, head }): PlannedSum => ({
      ...{ from: from.of(entry, head), to: to.of(entry, head), rows: to.rows, columns: to.columns },
    }),
  );
  return queuePart(sumRows(inTurn(sums), means), 0, givenBytes(copies.length, [[from, 1]]));
}
