import type { Problem } from "../../../core/problem.ts";
import { elementCount, FLOAT_BYTES } from "../../../core/shape.ts";
import {
  type Gradient,
  gradientArrays,
  gradientName,
  makesOutput,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import { LEARNED, type Synthesizer } from "../../../mechanisms/synthesizer/declare.ts";
import type { Runnable } from "../../kernel.ts";
import type { Call, ScratchPlan } from "../call.ts";
import { planWeights } from "../call-weights.ts";
import { ACTIVATION } from "../layout.ts";
import { ATTENTION, learnedOperands, operandWidth } from "../learned-operands.ts";
import type { Means } from "../means.ts";
import { prepareSoftmax } from "../softmax-kernel.ts";
import { bothPasses } from "./both-passes.ts";
import { type HiddenLayer, prepareHiddenLayer } from "./hidden-layer.ts";
import { GRADIENT_ROWS } from "./layout.ts";
import { type PlanHeadOperands, prepareSoftmaxBackward } from "./softmax-backward.ts";
import { SumOfEntries } from "./sum-of-entries.ts";
import { gradientTensors } from "./tensors.ts";

/**
 * The gradient of a synthesizer. The forward pass leaves its output, and of each row the maximum and the factor of its weights.
 * Batch entries share what was learned: its gradients are added up in their order.
 */
export function prepareSynthesizerGradient(problem: Problem<Gradient<Synthesizer>>, means: Means): Runnable {
  const { mechanism, shape } = problem;
  const { arena, inputs, dout, output, copied } = gradientTensors(problem, means.output);
  const { out, gradients } = gradientArrays(problem, output);
  const within = { ...problemWithin(problem), inputs };
  const { logits } = within.mechanism;
  const width = operandWidth(logits, shape.headDim);
  const own = { ...within, mechanism: ATTENTION, shape: { ...shape, headDim: width } };
  const rows = shape.batch * shape.heads * shape.queries;
  const outCount = out === null ? elementCount(shape, "output") : 0;
  const region = arena.reserve((outCount + 2 * rows) * FLOAT_BYTES);
  const forwardOut = out ?? arena.floats(region.start, outCount);
  const sums = arena.floats(region.start + outCount * FLOAT_BYTES, 2 * rows);
  const forwardMeans = { ...means, output: forwardOut };
  const planOperands = learnedOperands(within, logits, forwardMeans);
  const forward = prepareSoftmax(own, ATTENTION, forwardMeans, { planOperands, sums });

  const hidden =
    logits.kind === "dense"
      ? prepareHiddenLayer(
          within,
          {
            dout,
            dq: gradients[gradientName("q")],
            dweights: gradients[gradientName(LEARNED.hidden)],
          },
          means,
        )
      : null;
  const backward = prepareSoftmaxBackward(
    own,
    { dout, left: { out: forwardOut, sums }, gradients },
    means,
    headOperands(within, dout, gradients, hidden),
  );
  // No key is read, and a query only by a hidden layer.
  const unread = (hidden === null ? ["q", "k"] : ["k"]).map((name) => gradients[gradientName(name)]);
  return bothPasses({
    forward,
    backward: {
      run() {
        for (const gradient of unread) gradient.fill(0);
        backward.run();
      },
      workspaceBytes: backward.workspaceBytes + (hidden?.workspaceBytes ?? 0),
      executedFlops: backward.executedFlops + (hidden?.flops ?? 0),
      bytes:
        backward.bytes +
        (hidden?.bytes ?? 0) +
        tableBytes(within) +
        unread.reduce((sum, { byteLength }) => sum + byteLength, 0),
      dispose() {
        backward.dispose();
        hidden?.dispose();
      },
    },
    isTraining: makesOutput(mechanism),
    saved: [sums, forwardOut],
    bytes: region.bytes,
    copied,
    output,
    release: () => arena.release(region),
  });
}

/** A table is read, and its gradient written; what was written by another batch entry is read once more. */
function tableBytes({
  mechanism: { logits },
  shape: { batch, heads, length },
}: Problem<Synthesizer>): number {
  return logits.kind === "table" ? FLOAT_BYTES * heads * length * length * (3 * batch - 1) : 0;
}

/** What was learned in the place of q and k, and where its gradients go. */
function headOperands(
  { inputs, shape, mechanism: { logits }, causal }: Problem<Synthesizer>,
  dout: Float32Array,
  gradients: Readonly<Record<string, Float32Array>>,
  hidden: HiddenLayer | null,
): PlanHeadOperands {
  const { batch, heads, length } = shape;
  const width = operandWidth(logits, shape.headDim);
  const gradientOf = (name: string): Float32Array => gradients[gradientName(name)];
  const sumOf = (name: string, plan: ScratchPlan): SumOfEntries =>
    new SumOfEntries(gradientOf(name), { heads, entries: batch }, plan);
  const ofTable = (plan: ScratchPlan, lanes: number) => {
    const planned = planWeights(inputs, dout, [LEARNED.table], plan);
    return {
      lanes: Array.from({ length: lanes }, () => ({ rowPlaces: plan.words(GRADIENT_ROWS) })),
      words: { activation: ACTIVATION.given, tableRow: length * FLOAT_BYTES },
      refines: true,
      place(call: Call) {
        const weights = planned(call);
        const slopes = gradientOf(LEARNED.table);
        const element = (head: number): number => head * length ** 2;
        return {
          refresh() {
            weights.refresh();
            // A row writes what it sees.
            if (causal) clearAbove(slopes, heads, length);
          },
          placesOf: (entry: number, head: number) => ({
            k: weights.at(LEARNED.table, element(head)),
            dtable: slopes.byteOffset + element(head) * FLOAT_BYTES,
            tableAdds: Number(entry > 0),
          }),
        };
      },
    };
  };
  return (plan, lanes) => {
    if (logits.kind === "table") return ofTable(plan, lanes);
    const keysName = logits.kind === "dense" ? LEARNED.ofHidden : LEARNED.ofKeys;
    const names = logits.kind === "dense" ? [keysName] : [LEARNED.ofQueries, keysName];
    const planned = planWeights(inputs, dout, names, plan);
    const ofKeys = sumOf(keysName, plan);
    const ofQueries = hidden === null ? sumOf(LEARNED.ofQueries, plan) : null;
    return {
      lanes: [],
      refines: true,
      place(call) {
        const weights = planned(call);
        for (const sum of [ofKeys, ofQueries]) sum?.place(call);
        return {
          refresh() {
            weights.refresh();
            hidden?.refresh();
          },
          placesOf: (entry, head) => ({
            k: weights.at(keysName, head * length * width),
            dk: ofKeys.at(entry, head),
            ...(hidden !== null && { q: hidden.hidden, dq: hidden.dhidden }),
            ...(ofQueries !== null && {
              q: weights.at(LEARNED.ofQueries, head * length * width),
              dq: ofQueries.at(entry, head),
            }),
          }),
          open: (entry, head) => hidden?.make(entry, head),
          close(entry, head) {
            hidden?.back(entry, head);
            for (const sum of [ofKeys, ofQueries]) sum?.take(entry, head);
          },
        };
      },
    };
  };
}

/** Clears what lies above the diagonals of tables `[heads, length, length]`. */
function clearAbove(tables: Float32Array, heads: number, length: number): void {
  for (let row = 0; row < heads * length; row++) {
    tables.fill(0, row * length + (row % length) + 1, (row + 1) * length);
  }
}
