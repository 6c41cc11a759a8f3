import type { BoundPattern } from "../../core/pattern.ts";
import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { type SoftmaxPattern, scaleOf } from "../../mechanisms/softmax-pattern/declare.ts";
import { BIAS_TABLE } from "../../pairwise/bind-biases.ts";
import { rowNumbersOf, scoreUnit } from "../../pairwise/row-numbers.ts";
import { bindHeads } from "../../pattern/bind.ts";
import { compileSchedule } from "../compile-schedule.ts";
import type { Runnable } from "../kernel.ts";
import type { Schedule } from "../schedule.ts";
import { visibleKeys } from "../visible-keys.ts";
import { Call, type CallWords, type LaneWords, ScratchPlan } from "./call.ts";
import { type HeadWork, rowFlops, softmaxWork } from "./count-work.ts";
import { planBiases } from "./forms/planned-biases.ts";
import { planRowNumbers } from "./forms/planned-row-numbers.ts";
import { PRODUCTS, packedChannels, planScores } from "./forms/planned-scores.ts";
import { planTurns } from "./forms/planned-turns.ts";
import {
  NORMALISER,
  PANEL_KEYS,
  PANEL_QUERIES,
  PARTS,
  QUERY_ROW,
  SCORE_ROW,
  TANH_WORDS,
  TILE,
  TILE_SIZES,
} from "./layout.ts";
import type { Means } from "./means.ts";
import { preparedOnce, type WrittenHead } from "./prepared-once.ts";
import { phaseRunner } from "./run-phases.ts";
import { type Items, softmaxItems } from "./softmax-items.ts";

/** What takes the place of q and k. */
export interface Operands {
  /** Takes in what may have changed: before each call. */
  refresh(): void;
  /** What points the call at the operands of a head. */
  ofHead(head: number): CallWords;
}

/** Makes room for operands in a plan, and for lanes of them, and says where they are once there is memory. */
export type PlanOperands = (
  plan: ScratchPlan,
  lanes: number,
) => {
  readonly lanes: readonly LaneWords[];
  /** Operations and bytes of a whole call, beside those of scores and values. */
  readonly flops: number;
  readonly bytes: number;
  place(call: Call): Operands;
};

export interface SoftmaxOptions {
  /** What takes the place of q and k; the problem's head dimension is then their width. */
  readonly planOperands?: PlanOperands;
  /**
   * Where it leaves the maximum of every row, in powers of 2, and what its weights relative to that are multiplied by,
   * `[batch, heads, queries, 2]` in the memory of the call; nowhere if null.
   */
  readonly sums?: Float32Array | null;
}

/** Softmax attention over any pattern: the module walks the schedule of each head. */
export function prepareSoftmax(
  problem: Problem,
  mechanism: SoftmaxPattern,
  means: Means,
  { planOperands, sums = null }: SoftmaxOptions = {},
): Runnable {
  const { shape, inputs, threads, causal } = problem;
  const { build } = means;
  const { batch, heads: queryHeads, length, queries, headDim, valueDim } = shape;
  const { score, turn, bias, normaliser } = mechanism;
  const width = Math.ceil(valueDim / build.panelKeys) * build.panelKeys;
  const patterns = bindHeads(mechanism, problem);
  const channels = packedChannels(score, headDim);
  // Keys that are more work to pack than to copy.
  const packsOnce = turn !== undefined || score?.kind === "tanh" || score?.kind === "split";
  // Heads of one pattern share its schedule.
  const plan = new ScratchPlan();
  const planned = new Map(
    [...new Set(patterns)].map((pattern) => [pattern, planHead(pattern, threads, packsOnce, plan)]),
  );
  const ofHeads = patterns.map((pattern) => planned.get(pattern) as PlannedHead);
  const distinct = [...planned.values()];
  const schedules = distinct.map(({ schedule }) => schedule);

  const kept = schedules.some(({ passes }) => passes > 1) ? queries : 0;
  const packed = (keys: number): number => Math.ceil(keys / PANEL_KEYS.wide) * PANEL_KEYS.wide * channels;
  const shared = {
    keys: plan.words(distinct.some(({ items }) => items.packsKeys) ? packed(length) : 0),
    keptMaximum: plan.words(kept),
    keptTotal: plan.words(kept),
  };
  // Rows that are whole panels wait in the output itself.
  const keptOutput = width === valueDim ? null : plan.words(kept * width);
  const mostOf = (of: (items: Items) => number): number =>
    Math.max(...distinct.map(({ items }) => of(items)));
  const plannedOperands = planOperands?.(plan, threads);
  const lanes = Array.from({ length: threads }, (_, lane) => ({
    queries: plan.words((TILE.queries * QUERY_ROW) / 4),
    scores: plan.words((TILE.queries * SCORE_ROW) / 4),
    output: plan.words(TILE.queries * width),
    maximum: plan.words(TILE.queries),
    total: plan.words(TILE.queries),
    spans: plan.words((2 * TILE.queries) / PANEL_QUERIES),
    floors: plan.words(PANEL_QUERIES),
    parts: plan.words(PARTS),
    scratch: plan.words(8),
    classKeys: plan.words(
      packed(mostOf(({ packedKeys }) => Math.max(packedKeys, Math.min(length, TILE.columns)))),
    ),
    classValues: plan.words(mostOf(({ listedKeys }) => listedKeys) * valueDim),
    turned: plan.words(turn === undefined ? 0 : (PANEL_KEYS.wide * QUERY_ROW) / 4),
    rowPlaces: plan.words(bias === undefined ? 0 : TILE.queries),
    keyPlaces: plan.words(bias === undefined ? 0 : TILE.columns),
    powers: plan.words(score?.kind === "tanh" ? (TILE.queries * QUERY_ROW) / 4 : 0),
    marks: plan.words(score?.kind === "tanh" ? TILE.queries : 0),
    exact: plan.words(score?.kind === "tanh" ? (PANEL_QUERIES * SCORE_ROW) / 4 + TANH_WORDS : 0),
    ...plannedOperands?.lanes[lane],
  }));
  const unit = scoreUnit(normaliser);
  const ownTokens = { from: length - queries, to: length };
  const turns = planTurns(turn, headDim, { from: Math.min(0, ownTokens.from), to: length }, plan);
  const table = bias?.table && tensorNamed(inputs, BIAS_TABLE);
  const biasedCall = { heads: queryHeads, keys: length, queries: ownTokens, causal, unit, table };
  const plannedBiases = bias && planBiases(bias, biasedCall, plan);
  const plannedScores = score && planScores(score, scoredCall(problem, mechanism), plan);
  const rowNumbers = rowNumbersOf(normaliser);
  const plannedNumbers = planRowNumbers(rowNumbers, [...planned.keys()], queries, visibleKeys, plan);
  const call = new Call(plan, inputs, means.output, lanes);
  call.set({ length, d: headDim, valueDim, width, firstQuery: ownTokens.from });
  call.setFloat("factor", score === undefined ? unit * scaleOf(mechanism, headDim) : 1);
  call.set({ ...turns(call), bias: 0, normaliser: NORMALISER[rowNumbers.normaliser] });
  call.setFloat("rowNumber", rowNumbers.number);
  const biases = plannedBiases?.(call);
  if (biases !== undefined) call.set(biases.words);
  const scores = plannedScores?.(call);
  call.set({ ...(scores?.words ?? PRODUCTS), channels, projection: 0 });
  const operands = plannedOperands?.place(call);
  const numbersAt = plannedNumbers(call);
  for (const [name, place] of Object.entries(shared)) call.set({ [name]: call.place(place) });
  call.set({ keptOutput: keptOutput === null ? 0 : call.place(keptOutput) });
  const written = new Map(
    [...planned].map(([pattern, head]) => [head, writeHead(call, head, numbersAt.get(pattern) ?? 0)]),
  );
  const heads = preparedOnce(
    ofHeads.map((head) => written.get(head) as WrittenHead),
    shape,
    score?.kind !== "split",
  );

  const runner = phaseRunner(call, build, "runSoftmaxItems", means.pool);
  /** Counted when asked for: preparing a call does not need it. */
  const work = (of: (head: HeadWork) => number): number => {
    const counted = new Map(
      distinct.map((head) => [head, of(softmaxWork(head.schedule, shape, build.panelKeys, mechanism))]),
    );
    return batch * ofHeads.reduce((sum, head) => sum + (counted.get(head) as number), 0);
  };
  const keysPacked = (): number =>
    ofHeads.reduce((sum, { items }, head) => {
      const packs = items.packsKeys && heads[head].phases.length === items.phaseEnds.length;
      return sum + items.ownKeys + (packs ? length : 0);
    }, 0);
  return {
    run() {
      operands?.refresh();
      for (let entry = 0; entry < batch; entry++) {
        for (const [head, { words, phases }] of heads.entries()) {
          call.pointAt(entry, head);
          call.set(words);
          const row = (entry * queryHeads + head) * queries;
          call.set({ sums: sums === null ? 0 : sums.byteOffset + 2 * row * FLOAT_BYTES });
          if (operands !== undefined) call.set(operands.ofHead(head));
          if (biases !== undefined) {
            biases.refresh(head);
            call.set({ bias: biases.ofHead(head) });
          }
          if (scores !== undefined) {
            scores.refresh(head);
            call.set({ score: scores.ofHead(head) });
          }
          runner.run(phases);
        }
      }
    },
    ...call.copied,
    output: () => call.output,
    workspaceBytes: call.workspaceBytes,
    get executedFlops() {
      const ofKeys = batch * rowFlops(keysPacked(), headDim, mechanism);
      return work(({ flops }) => flops) + ofKeys + (plannedOperands?.flops ?? 0);
    },
    get bytes() {
      return work(({ bytes }) => bytes) + (plannedOperands?.bytes ?? 0);
    },
    dispose: () => runner.dispose(),
  };
}

/** What the scores of a call are made with. */
function scoredCall({ shape: { heads, headDim }, inputs }: Problem, { normaliser }: SoftmaxPattern) {
  const exact = normaliser?.kind === "relu";
  const vector = (name: string): Float32Array => tensorNamed(inputs, name);
  return { heads, headDim, unit: scoreUnit(normaliser), exact, vector };
}

/** A head's schedule and items, and where they are to lie. */
interface PlannedHead {
  readonly schedule: Schedule;
  readonly items: Items;
  readonly at: {
    readonly tasks: number;
    readonly tokens: number;
    readonly masks: number;
    readonly items: number;
  };
}

function planHead(pattern: BoundPattern, threads: number, packs: boolean, plan: ScratchPlan): PlannedHead {
  const schedule = compileSchedule(pattern, TILE_SIZES);
  const { tasks, tokens, masks } = schedule;
  const items = softmaxItems(schedule, pattern.length, threads, packs);
  const at = {
    tasks: plan.words(tasks.length),
    tokens: plan.words(tokens.length),
    masks: plan.words(masks.length),
    items: plan.words(items.words.length),
  };
  return { schedule, items, at };
}

/** Writes a head's part into the call's memory. */
function writeHead(call: Call, { schedule, items, at }: PlannedHead, rowNumbers: number): WrittenHead {
  call.copy(at.tasks, schedule.tasks);
  call.copy(at.tokens, schedule.tokens);
  call.copy(at.masks, schedule.masks);
  call.copy(at.items, items.words);
  const words = {
    tasks: call.place(at.tasks),
    tokens: call.place(at.tokens),
    masks: call.place(at.masks),
    packsKeys: Number(items.packsKeys),
    checksValues: Number(items.checksValues),
    rowNumbers,
  };
  return { items, words, phases: call.phases(at.items, items.phaseEnds) };
}
