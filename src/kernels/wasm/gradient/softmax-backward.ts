import type { BoundPattern } from "../../../core/pattern.ts";
import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES, kvHeadOf } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import { gradientName } from "../../../mechanisms/gradient/declare.ts";
import { type SoftmaxPattern, scaleOf } from "../../../mechanisms/softmax-pattern/declare.ts";
import { BIAS_TABLE } from "../../../pairwise/bind-biases.ts";
import { rowNumbersOf, scoreUnit } from "../../../pairwise/row-numbers.ts";
import { bindHeads } from "../../../pattern/bind.ts";
import { compileSchedule } from "../../compile-schedule.ts";
import type { Schedule } from "../../schedule.ts";
import { visibleKeys } from "../../visible-keys.ts";
import { Call, type CallWords, type LaneWords, ScratchPlan } from "../call.ts";
import type { HeadWork } from "../count-work.ts";
import { planBiases } from "../forms/planned-biases.ts";
import { planRowNumbers } from "../forms/planned-row-numbers.ts";
import { PRODUCTS } from "../forms/planned-scores.ts";
import { planTurns } from "../forms/planned-turns.ts";
import { NORMALISER, PANEL_KEYS, TILE_SIZES } from "../layout.ts";
import type { Means } from "../means.ts";
import { preparedOnce, type WrittenHead } from "../prepared-once.ts";
import { phaseRunner } from "../run-phases.ts";
import { planBiasSums } from "./bias-sums.ts";
import { gradientWork } from "./count-work.ts";
import { type GradientItems, gradientItems } from "./items.ts";
import { gradientLane } from "./lane.ts";
import { GRADIENT, GRADIENT_WORDS, KEY_BLOCK } from "./layout.ts";
import type { SumCosts } from "./segments.ts";

/** Where the tensors of a gradient are, all in one arena. */
export interface BackwardTensors {
  readonly dout: Float32Array;
  /** What the forward pass leaves: out, and of each row its maximum and what its weights are multiplied by, of all heads. */
  readonly left: { readonly out: Float32Array; readonly sums: Float32Array } | null;
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/** Addresses of what one head reads and writes. */
export interface HeadPlaces {
  readonly q: number;
  readonly k: number;
  readonly v: number;
  readonly dout: number;
  readonly out: number;
  readonly sums: number;
  readonly dq: number;
  readonly dk: number;
  readonly dv: number;
  /** Where the gradients of logits go that are read from a table, `[queries, length]`. */
  readonly dtable: number;
  /** Whether they are added to what is there. */
  readonly tableAdds: number;
}

/** What takes the place of tensors of the call, head by head. */
export interface HeadOperands {
  /** Takes in what may have changed, and begins sums: before each call. */
  refresh(): void;
  /** Where what is elsewhere of a head is. */
  placesOf(entry: number, head: number): Partial<HeadPlaces>;
  /** What is done before a head, and after it. */
  open?(entry: number, head: number): void;
  close?(entry: number, head: number): void;
}

/** Makes room for operands in a plan, and for lanes of them, and says where they are once there is memory. */
export type PlanHeadOperands = (
  plan: ScratchPlan,
  lanes: number,
) => {
  readonly lanes: readonly LaneWords[];
  /** Words of a call whose logits are not products. */
  readonly words?: CallWords;
  /** Whether the means of rows with one large weight are summed anew, of the products that they are taken from. */
  readonly refines: boolean;
  place(call: Call): HeadOperands;
};

/** The backward pass of softmax attention over a schedule of tiles. */
export interface SoftmaxBackward {
  run(): void;
  readonly workspaceBytes: number;
  readonly executedFlops: number;
  readonly bytes: number;
  dispose(): void;
}

export function prepareSoftmaxBackward(
  problem: Problem<SoftmaxPattern>,
  { dout, left, gradients }: BackwardTensors,
  { build, pool }: Pick<Means, "build" | "pool">,
  planOperands?: PlanHeadOperands,
): SoftmaxBackward {
  const { shape, inputs, mechanism, threads, causal } = problem;
  const { batch, heads: queryHeads, kvHeads, length, queries, headDim, valueDim } = shape;
  const { turn, bias, normaliser } = mechanism;
  const [keyWidth, width] = [headDim, valueDim].map(
    (count) => Math.ceil(count / build.panelKeys) * build.panelKeys,
  );
  const patterns = bindHeads(mechanism, problem);
  const costs: SumCosts = {
    pairFlops: 6 * headDim + 4 * valueDim,
    keyFloats: keyWidth + width,
    inPlace: queryHeads === kvHeads && keyWidth === headDim && width === valueDim,
  };
  const plan = new ScratchPlan();
  // Heads of one pattern share its schedule.
  const planned = new Map(
    [...new Set(patterns)].map(
      (pattern) => [pattern, planHead(pattern, { turns: turn !== undefined, threads }, costs, plan)] as const,
    ),
  );
  const ofHeads = patterns.map((pattern) => planned.get(pattern) as PlannedHead);
  const distinct = [...planned.values()];
  const most = (of: (head: PlannedHead) => number): number => Math.max(...distinct.map(of));

  const paddedKeys = (keys: number): number => Math.ceil(keys / PANEL_KEYS.wide) * PANEL_KEYS.wide;
  const packed = most(({ items }) => Number(items.packsKeys)) * paddedKeys(length);
  const keysAt = plan.words(packed * headDim);
  const valuesAt = plan.words(packed * valueDim);
  const turnedAt = plan.words(turn === undefined ? 0 : packed * headDim);
  const slots = most(({ items }) => items.segments.slots) * KEY_BLOCK;
  const partialKeysAt = plan.words(slots * keyWidth);
  const partialValuesAt = plan.words(slots * width);
  // Rows that are whole panels wait in dq itself.
  const isKept = keyWidth !== headDim && distinct.some(({ schedule }) => schedule.passes > 1);
  const keptAt = plan.words(isKept ? queries * keyWidth : 0);
  const operandsPlanned = planOperands?.(plan, threads);
  const widths = { headDim, valueDim, keyWidth, width };
  const lanes = Array.from({ length: threads }, (_, lane) => ({
    ...gradientLane(plan, widths, {
      turns: turn !== undefined,
      biased: bias !== undefined,
      refines: operandsPlanned?.refines,
    }),
    ...operandsPlanned?.lanes[lane],
  }));
  const wordsAt = plan.words(GRADIENT_WORDS);
  const unit = scoreUnit(normaliser);
  const ownTokens = { from: length - queries, to: length };
  const turns = planTurns(turn, headDim, { from: Math.min(0, ownTokens.from), to: length }, plan);
  const table = bias?.table && tensorNamed(inputs, BIAS_TABLE);
  const plannedBiases =
    bias &&
    planBiases(bias, { heads: queryHeads, keys: length, queries: ownTokens, causal, unit, table }, plan);
  const plannedSums =
    bias?.table &&
    planBiasSums(
      { ...bias, table: bias.table },
      shape,
      { queries: ownTokens, causal },
      most(({ items }) => items.segments.count),
      plan,
    );
  const rowNumbers = rowNumbersOf(normaliser);
  const plannedNumbers = planRowNumbers(rowNumbers, [...planned.keys()], queries, visibleKeys, plan);
  // What a forward pass would write is read.
  const call = new Call(plan, inputs, dout, lanes);
  call.set({ length, d: headDim, valueDim, width, firstQuery: ownTokens.from, channels: headDim });
  call.setFloat("factor", unit);
  call.set({
    ...turns(call),
    ...PRODUCTS,
    bias: 0,
    projection: 0,
    normaliser: NORMALISER[rowNumbers.normaliser],
  });
  call.set({ ...operandsPlanned?.words });
  const operands = operandsPlanned?.place(call);
  call.setFloat("rowNumber", rowNumbers.number);
  call.set({ keys: call.place(keysAt), gradient: call.place(wordsAt) });
  const biases = plannedBiases?.(call);
  if (biases !== undefined) call.set(biases.words);
  const biasSums = plannedSums?.(call);
  const words = call.arena.integers(call.place(wordsAt), GRADIENT_WORDS).fill(0);
  const set = (some: Partial<Record<keyof typeof GRADIENT, number>>): void => {
    for (const [name, value] of Object.entries(some)) words[GRADIENT[name as keyof typeof GRADIENT]] = value;
  };
  set({ refines: Number(operandsPlanned?.refines ?? false), joined: 0 });
  set({ width: keyWidth, biasSums: 0, ...biasSums?.words });
  set({ packedValues: call.place(valuesAt), turnedKeys: call.place(turnedAt) });
  set({ partialKeys: call.place(partialKeysAt), partialValues: call.place(partialValuesAt) });
  // Queries have the scale.
  const scale = scaleOf(mechanism, headDim);
  const factors = call.arena.floats(call.place(wordsAt), GRADIENT_WORDS);
  factors[GRADIENT.queryFactor] = scale;
  factors[GRADIENT.ofQueries] = scale;
  factors[GRADIENT.ofKeys] = 1;
  const numbersAt = plannedNumbers(call);
  const written = new Map(
    [...planned].map(([pattern, head]) => [head, writeHead(call, head, numbersAt.get(pattern) ?? 0)]),
  );
  const heads = preparedOnce(
    ofHeads.map((head) => written.get(head) as WrittenHead),
    shape,
  );

  /** Where the tensors of a head are. */
  const pointAt = (entry: number, head: number): void => {
    const slice = entry * queryHeads + head;
    const kvSlice = entry * kvHeads + kvHeadOf(shape, head);
    const at = (tensor: Float32Array, index: number, floats: number): number =>
      tensor.byteOffset + index * floats * FLOAT_BYTES;
    const places: HeadPlaces = {
      ...call.placesOf(entry, head),
      dout: call.startOf("output", entry, head),
      out: left === null ? 0 : at(left.out, slice, queries * valueDim),
      sums: left === null ? 0 : at(left.sums, slice, 2 * queries),
      dq: at(gradients[gradientName("q")], slice, queries * headDim),
      dk: at(gradients[gradientName("k")], kvSlice, length * headDim),
      dv: at(gradients[gradientName("v")], kvSlice, length * valueDim),
      dtable: 0,
      tableAdds: 0,
      ...operands?.placesOf(entry, head),
    };
    const { q, k, v, out, sums, dq, dk, dv, dtable, tableAdds } = places;
    call.set({ q, k, v, out: places.dout });
    set({
      ...{ out, sums, dq, dk, dv, dtable, tableAdds },
      kept: isKept ? call.place(keptAt) : dq,
      adds: Number(head > 0 && kvHeadOf(shape, head - 1) === kvHeadOf(shape, head)),
    });
  };
  const runner = phaseRunner(call, build, "runGradientItems", pool);
  /** Counted when asked for: preparing a call does not need it. */
  const work = (of: (head: HeadWork) => number): number => {
    const counted = new Map(
      distinct.map((head) => [head, of(gradientWork(head.schedule, shape, build.panelKeys, mechanism))]),
    );
    return batch * ofHeads.reduce((sum, head) => sum + (counted.get(head) as number), 0);
  };
  return {
    run() {
      operands?.refresh();
      biasSums?.clear();
      for (let entry = 0; entry < batch; entry++) {
        for (const [head, { words: ofHead, phases }] of heads.entries()) {
          operands?.open?.(entry, head);
          pointAt(entry, head);
          call.set(ofHead);
          set(ofHeads[head].words(call));
          if (biases !== undefined) {
            biases.refresh(head);
            call.set({ bias: biases.ofHead(head) });
          }
          runner.run(phases);
          operands?.close?.(entry, head);
          biasSums?.take(head);
        }
      }
      biasSums?.write(gradients[gradientName(BIAS_TABLE)]);
    },
    workspaceBytes: call.workspaceBytes + (biasSums?.bytes ?? 0),
    get executedFlops() {
      return work(({ flops }) => flops);
    },
    get bytes() {
      return work(({ bytes }) => bytes);
    },
    dispose: () => runner.dispose(),
  };
}

/** A head's schedule and items, and where they are to lie. */
interface PlannedHead {
  readonly schedule: Schedule;
  readonly items: GradientItems;
  readonly at: Readonly<Record<"tasks" | "tokens" | "masks" | "items", number>>;
  /** What points a gradient at the head's part of the memory. */
  words(call: Call): Partial<Record<keyof typeof GRADIENT, number>>;
  copy(call: Call): void;
}

function planHead(
  pattern: BoundPattern,
  call: { readonly turns: boolean; readonly threads: number },
  costs: SumCosts,
  plan: ScratchPlan,
): PlannedHead {
  const schedule = compileSchedule(pattern, TILE_SIZES);
  const items = gradientItems(schedule, { length: pattern.length, ...call }, costs);
  const { groups, ranges, segments } = items;
  const at = {
    tasks: plan.words(schedule.tasks.length),
    tokens: plan.words(schedule.tokens.length),
    masks: plan.words(schedule.masks.length),
    items: plan.words(items.words.length),
  };
  const [groupsAt, rangesAt, tablesAt] = [groups, ranges, segments.tables].map(({ length }) =>
    plan.words(length),
  );
  return {
    schedule,
    items,
    at,
    words: (call) => ({
      groups: call.place(groupsAt),
      ranges: call.place(rangesAt),
      tables: call.place(tablesAt),
      blocks: segments.blocks,
      segments: segments.count,
    }),
    copy(call) {
      call.copy(at.tasks, schedule.tasks);
      call.copy(at.tokens, schedule.tokens);
      call.copy(at.masks, schedule.masks);
      call.copy(at.items, items.words);
      call.copy(groupsAt, groups);
      call.copy(rangesAt, ranges);
      call.copy(tablesAt, segments.tables);
    },
  };
}

/** Writes a head's part into the call's memory. */
function writeHead(call: Call, { items, at, copy }: PlannedHead, rowNumbers: number): WrittenHead {
  copy(call);
  const { packsKeys, checksValues } = items;
  const words: CallWords = {
    tasks: call.place(at.tasks),
    tokens: call.place(at.tokens),
    masks: call.place(at.masks),
    packsKeys: Number(packsKeys),
    checksValues: Number(checksValues),
    rowNumbers,
  };
  return { items: { packsKeys, checksValues }, words, phases: call.phases(at.items, items.phaseEnds) };
}
