import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES, kvHeadOf } from "../../../core/shape.ts";
import type { FeatureMap } from "../../../mechanisms/feature-map/declare.ts";
import { gradientName } from "../../../mechanisms/gradient/declare.ts";
import { Call, ScratchPlan } from "../call.ts";
import { type FeatureSegments, featureSegments, planCallMap, preparedRows } from "../feature-call.ts";
import { type LeftOfFeatures, MAP_SCRATCH } from "../feature-map-kernel.ts";
import { type PlannedMap, plannedMap, stateLayout, transposedRows } from "../feature-panels.ts";
import { MOST_HEAD_DIM, PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, SCORE_ROW, TILE } from "../layout.ts";
import type { Means } from "../means.ts";
import { phaseRunner } from "../run-phases.ts";
import { type SharedItems, sharedItems } from "../shared-items.ts";
import { FEATURE_GRADIENT, FEATURE_GRADIENT_ITEM, FEATURE_GRADIENT_WORDS } from "./feature-layout.ts";
import { featureGradientBytes, featureGradientFlops } from "./feature-work.ts";

/** What a backward pass reads besides q, k and v, and where it writes; all in the memory of the call. */
interface BackwardTensors {
  readonly dout: Float32Array;
  readonly left: LeftOfFeatures & { readonly out: Float32Array };
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/** A backward pass, prepared. */
interface FeatureBackward {
  run(): void;
  readonly workspaceBytes: number;
  readonly executedFlops: number;
  readonly bytes: number;
  dispose(): void;
}

/** Linear attention back from dout, by what the forward pass left. */
export function prepareFeatureBackward(
  problem: Problem<FeatureMap>,
  { dout, left, gradients }: BackwardTensors,
  { build, pool }: Pick<Means, "build" | "pool">,
): FeatureBackward {
  const { shape, inputs, mechanism, causal, threads } = problem;
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const width = Math.ceil(valueDim / build.panelKeys) * build.panelKeys;
  const map = plannedMap(mechanism, headDim, length);
  const state = stateLayout(map, width);
  const segments = featureSegments(map, length);

  const plan = new ScratchPlan();
  const items = causal ? causalItems(segments, threads) : parallelItems(segments);
  const itemsAt = plan.words(items.words.length);
  const wordsAt = plan.words(FEATURE_GRADIENT_WORDS);
  const sumsAt = plan.words(causal ? 0 : state.transposedWords);
  const acrossAt = plan.words(causal ? 0 : state.transposedWords);
  const reverseAt = plan.words(segments.count * state.transposedWords);
  const plannedCallMap = planCallMap(map, state, inputs, dout, plan);
  const plannedLearned = planLearned(problem, map, gradients, segments.count, plan);
  const lanes = Array.from({ length: threads }, () =>
    laneWords(plan, map, { segments, causal, width, state }),
  );
  // What a forward pass would write is read.
  const call = new Call(plan, inputs, dout, lanes);
  const callMap = plannedCallMap(call);
  call.copy(itemsAt, items.words);
  call.set({ segments: segments.count, segmentTokens: segments.tokens, gradient: call.place(wordsAt) });
  call.set({ length, d: headDim, valueDim, width, causal: Number(causal), sums: 0 });
  const words = call.arena.integers(call.place(wordsAt), FEATURE_GRADIENT_WORDS);
  const set = (some: Partial<Record<keyof typeof FEATURE_GRADIENT, number>>): void => {
    for (const [name, value] of Object.entries(some)) {
      words[FEATURE_GRADIENT[name as keyof typeof FEATURE_GRADIENT]] = value;
    }
  };
  const learned = plannedLearned?.(call) ?? null;
  set({ sums: call.place(sumsAt), across: call.place(acrossAt) });
  set({ reverse: call.place(reverseAt), reverseBytes: state.transposedWords * FLOAT_BYTES });
  set({ leftBytes: state.words * FLOAT_BYTES, learned: 0, ...learned?.words });

  /** Where the tensors of a head are. */
  const pointAt = (entry: number, head: number): void => {
    const slice = entry * heads + head;
    const kvHead = kvHeadOf(shape, head);
    const kvSlice = entry * kvHeads + kvHead;
    const at = (tensor: Float32Array, index: number, count: number): number =>
      tensor.byteOffset + (index * tensor.byteLength) / count;
    call.pointAt(entry, head);
    call.set(callMap.weightsOf(kvHead) ?? {});
    set({
      out: at(left.out, slice, batch * heads),
      inverses: at(left.inverses, slice, batch * heads),
      left: at(left.states, kvSlice, batch * kvHeads),
      dq: at(gradients[gradientName("q")], slice, batch * heads),
      dk: at(gradients[gradientName("k")], kvSlice, batch * kvHeads),
      dv: at(gradients[gradientName("v")], kvSlice, batch * kvHeads),
      adds: Number(!isFirst(head)),
    });
  };
  const group = heads / kvHeads;
  const isFirst = (head: number): boolean => head % group === 0;
  const runner = phaseRunner(call, build, "runFeatureGradientItems", pool);
  const phases = call.phases(itemsAt, items.phaseEnds);
  const [packing] = phases;
  const [opening, ofQueries, ofKeys] = causal
    ? [[], phases.slice(1), []]
    : [phases.slice(1, 2), phases.slice(2, 3), phases.slice(3)];
  const work = { map, shape, causal, threads, panelKeys: build.panelKeys, segments };
  return {
    run() {
      callMap.refresh();
      learned?.begin();
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          pointAt(entry, head);
          if (isFirst(head)) {
            if (map.weights !== null) runner.run([packing]);
            runner.run(opening);
          }
          learned?.clear();
          runner.run(ofQueries);
          if (isFirst(head + 1)) runner.run(ofKeys);
          learned?.take(kvHeadOf(shape, head));
        }
      }
      learned?.write();
    },
    workspaceBytes: call.workspaceBytes + (learned?.bytes ?? 0),
    executedFlops: featureGradientFlops(work),
    bytes: featureGradientBytes(work),
    dispose: () => runner.dispose(),
  };
}

/** Scratch of a lane. */
function laneWords(
  plan: ScratchPlan,
  map: PlannedMap,
  {
    segments,
    causal,
    width,
    state,
  }: {
    readonly segments: FeatureSegments;
    readonly causal: boolean;
    readonly width: number;
    readonly state: { readonly transposedPanelWords: number };
  },
): Record<string, number> {
  const rows = (TILE.queries * QUERY_ROW) / FLOAT_BYTES;
  const pairs = (TILE.queries * SCORE_ROW) / FLOAT_BYTES;
  // A row of four numbers more than the widest: what is packed is a product of values, or of features.
  const packed = Math.max(transposedRows(width), MOST_HEAD_DIM) + PANEL_QUERIES;
  return {
    queries: plan.words(rows),
    features: plan.words(rows),
    douts: plan.words(rows),
    valueRows: plan.words(rows),
    slopes: plan.words(rows),
    rowSlopes: plan.words(rows),
    output: plan.words(TILE.queries * width),
    ...preparedRows(map, plan),
    // Numbers of a row, and as many slopes.
    mapScratch: plan.words(2 * MAP_SCRATCH),
    ...(causal && {
      scores: plan.words(pairs),
      products: plan.words(pairs),
      panels: plan.words(Math.ceil(TILE.queries / PANEL_KEYS.wide) * PANEL_KEYS.wide * packed),
      local: plan.words(state.transposedPanelWords),
      state: plan.words(state.transposedPanelWords),
      across: plan.words(state.transposedPanelWords),
      stack: plan.words(segments.chunks * state.transposedPanelWords),
    }),
  };
}

function each(kind: number, segments: readonly number[]): number[][] {
  return segments.map((segment) => [kind, segment, 0]);
}

/** Packing, opening the keys' state, queries, joining, keys. */
function parallelItems({ count }: FeatureSegments): SharedItems {
  const { pack, transpose, queries, join, keys } = FEATURE_GRADIENT_ITEM;
  const all = Array.from({ length: count }, (_, segment) => segment);
  return sharedItems([
    each(pack, [0]),
    each(transpose, [0]),
    each(queries, all),
    each(join, [0]),
    each(keys, all),
  ]);
}

/** Packing, and segments from the last to the first, or after their states are known in any order. */
function causalItems({ count }: FeatureSegments, threads: number): SharedItems {
  const { pack, accumulate, joinAfter, walk, walkOn } = FEATURE_GRADIENT_ITEM;
  const all = Array.from({ length: count }, (_, segment) => count - 1 - segment);
  if (threads === 1) return sharedItems([each(pack, [0]), each(walkOn, all)]);
  return sharedItems([
    each(pack, [0]),
    each(accumulate, all.slice(0, -1)),
    each(joinAfter, [0]),
    each(walk, all),
  ]);
}

/** The gradient of what a layer learned for a map, `[kvHeads, rows, headDim]`, which each segment sums by itself. */
interface LearnedSums {
  readonly words: Partial<Record<keyof typeof FEATURE_GRADIENT, number>>;
  /** Begins a call. */
  begin(): void;
  /** Begins a head of q. */
  clear(): void;
  /** Takes what segments have summed for a head of k. */
  take(kvHead: number): void;
  write(): void;
  /** Bytes beside those that were planned. */
  readonly bytes: number;
}

/** Null if nothing that was learned has a gradient. */
function planLearned(
  { shape }: Problem<FeatureMap>,
  { weights }: PlannedMap,
  gradients: Readonly<Record<string, Float32Array>>,
  segments: number,
  plan: ScratchPlan,
): ((call: Call) => LearnedSums) | null {
  const to = weights === null ? undefined : gradients[gradientName(weights.name)];
  if (weights === null || to === undefined) return null;
  const { headDim } = shape;
  const rowWords = Math.ceil(headDim / PANEL_KEYS.wide) * PANEL_KEYS.wide;
  const segmentWords = Math.ceil(weights.rows / PANEL_QUERIES) * PANEL_QUERIES * rowWords;
  const at = plan.words(segments * segmentWords);
  const sums = new Float64Array(to.length);
  return (call) => {
    const found = call.arena.floats(call.place(at), segments * segmentWords);
    return {
      words: {
        learned: call.place(at),
        learnedBytes: segmentWords * FLOAT_BYTES,
        learnedRow: rowWords * FLOAT_BYTES,
      },
      begin: () => sums.fill(0),
      clear: () => found.fill(0),
      take(kvHead) {
        for (let segment = 0; segment < segments; segment++) {
          for (let row = 0; row < weights.rows; row++) {
            const from = segment * segmentWords + row * rowWords;
            const into = (kvHead * weights.rows + row) * headDim;
            for (let c = 0; c < headDim; c++) sums[into + c] += found[from + c];
          }
        }
      },
      write: () => to.set(sums),
      bytes: sums.byteLength,
    };
  };
}
