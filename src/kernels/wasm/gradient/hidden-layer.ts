import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import { LEARNED } from "../../../mechanisms/synthesizer/declare.ts";
import { Call, ScratchPlan } from "../call.ts";
import { planWeights } from "../call-weights.ts";
import { PANEL_QUERIES, QUERY_ROW, TILE } from "../layout.ts";
import { packRows, planPanels } from "../learned-operands.ts";
import type { Means } from "../means.ts";
import { phaseRunner } from "../run-phases.ts";
import { sharedItems } from "../shared-items.ts";
import { HIDDEN, HIDDEN_ITEM, HIDDEN_WORDS } from "./mixing-layout.ts";

/** Rows of an item, whole tiles; and rows of the weights' gradient, which are columns of what comes back. */
const ITEM_ROWS = 10 * TILE.queries;
const ITEM_UNITS = 4 * PANEL_QUERIES;

/** What comes back to the layer, and where its gradients go: dq `[batch, heads, queries, d]`, those of W `[heads, d, d]`. */
interface HiddenTensors {
  readonly dout: Float32Array;
  readonly dq: Float32Array;
  readonly dweights: Float32Array;
}

/** `relu(W q)` of one head at a time, and its gradient. */
export interface HiddenLayer {
  /** Where it is made, and where its gradient is to be, `[queries, d]`. */
  readonly hidden: number;
  readonly dhidden: number;
  refresh(): void;
  make(entry: number, head: number): void;
  back(entry: number, head: number): void;
  readonly workspaceBytes: number;
  /** Operations and bytes of all heads. */
  readonly flops: number;
  readonly bytes: number;
  dispose(): void;
}

/** The layer that makes the queries of a dense synthesizer. */
export function prepareHiddenLayer(
  { inputs, shape, threads }: Problem,
  { dout, dq, dweights }: HiddenTensors,
  { build, pool }: Pick<Means, "build" | "pool">,
): HiddenLayer {
  const { batch, heads, queries, headDim: d } = shape;
  const plan = new ScratchPlan();
  const pieces = (kind: number, count: number, size: number): number[][] =>
    Array.from({ length: Math.ceil(count / size) }, (_, index) => [
      kind,
      index * size,
      Math.min(count, (index + 1) * size),
    ]);
  const items = sharedItems([
    pieces(HIDDEN_ITEM.make, queries, ITEM_ROWS),
    pieces(HIDDEN_ITEM.back, queries, ITEM_ROWS),
    pieces(HIDDEN_ITEM.weights, d, ITEM_UNITS),
  ]);
  const itemsAt = plan.words(items.words.length);
  const wordsAt = plan.words(HIDDEN_WORDS);
  const [hiddenAt, dhiddenAt] = [0, 0].map(() => plan.words(queries * d));
  const panels = planPanels(heads, d, build.panelKeys, plan);
  const planned = planWeights(inputs, dout, [LEARNED.hidden], plan);
  const tile = (TILE.queries * QUERY_ROW) / FLOAT_BYTES;
  const sums = (PANEL_QUERIES * QUERY_ROW) / FLOAT_BYTES;
  const lanes = Array.from({ length: threads }, () => ({
    queries: plan.words(tile),
    projected: plan.words(tile),
    output: plan.words(sums),
    state: plan.words(sums),
  }));
  const call = new Call(plan, inputs, dout, lanes);
  const weights = planned(call);
  const packed = call.arena.floats(call.place(panels.at), heads * panels.words);
  call.copy(itemsAt, items.words);
  call.set({ length: queries, d, gradient: call.place(wordsAt) });
  const words = call.arena.integers(call.place(wordsAt), HIDDEN_WORDS);
  words[HIDDEN.hidden] = call.place(hiddenAt);
  words[HIDDEN.dhidden] = call.place(dhiddenAt);
  const pointAt = (entry: number, head: number): void => {
    call.pointAt(entry, head);
    call.set({ projection: call.place(panels.at) + head * panels.words * FLOAT_BYTES });
    words[HIDDEN.weights] = weights.at(LEARNED.hidden, head * d * d);
    words[HIDDEN.dq] = dq.byteOffset + (entry * heads + head) * queries * d * FLOAT_BYTES;
    words[HIDDEN.dweights] = dweights.byteOffset + head * d * d * FLOAT_BYTES;
    words[HIDDEN.adds] = Number(entry > 0);
  };
  const runner = phaseRunner(call, build, "runHiddenItems", pool);
  const [making, ...goingBack] = call.phases(itemsAt, items.phaseEnds);
  const padded = Math.ceil(d / build.panelKeys) * build.panelKeys;
  return {
    hidden: call.place(hiddenAt),
    dhidden: call.place(dhiddenAt),
    refresh() {
      weights.refresh();
      packRows(tensorNamed(inputs, LEARNED.hidden), heads, d, build.panelKeys, packed);
    },
    make(entry, head) {
      pointAt(entry, head);
      runner.run([making]);
    },
    back(entry, head) {
      pointAt(entry, head);
      runner.run(goingBack);
    },
    workspaceBytes: call.workspaceBytes,
    flops: 6 * batch * heads * queries * d * padded,
    bytes: FLOAT_BYTES * batch * heads * (4 * queries * d + 2 * d * d),
    dispose: () => runner.dispose(),
  };
}
