import type { BoundPattern } from "../../core/pattern.ts";
import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES, kvHeadOf } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { type SoftmaxPattern, scaleOf } from "../../mechanisms/softmax-pattern/declare.ts";
import { BIAS_TABLE } from "../../pairwise/bind-biases.ts";
import { rowNumbersOf, scoreUnit } from "../../pairwise/row-numbers.ts";
import { headsTogether } from "../heads-together.ts";
import type { Runnable } from "../kernel.ts";
import { compileKeyLists, type KeyLists } from "../key-lists.ts";
import { Call, type CallWords, type Phase, ScratchPlan } from "./call.ts";
import { planBiases } from "./forms/planned-biases.ts";
import { planRowNumbers } from "./forms/planned-row-numbers.ts";
import { PRODUCTS, planScores } from "./forms/planned-scores.ts";
import { planTurns } from "./forms/planned-turns.ts";
import { gatherWork, preparedKeys, wholeEights } from "./gather-work.ts";
import { GATHER, GATHER_ITEM, NORMALISER, PARTS, TANH_WORDS } from "./layout.ts";
import type { Means } from "./means.ts";
import { phaseRunner } from "./run-phases.ts";

/** Keys of an item, about: enough to be worth taking, and few enough for threads to end together. */
const ITEM_KEYS = 8192;

/** Keys of an item that prepares them. */
const PREPARED_KEYS = 512;

/** Words that the scores of a row take beyond its keys. */
const BEHIND_SCORES = 11;

/** Attention that fetches the keys of each row: for patterns whose tiles would be mostly empty. */
export function prepareGather(
  problem: Problem,
  mechanism: SoftmaxPattern,
  patterns: readonly BoundPattern[],
  means: Means,
): Runnable {
  const { shape, inputs, threads, causal } = problem;
  const { batch, heads, headDim, valueDim, queries, length } = shape;
  const { score, turn, bias, normaliser } = mechanism;
  const { firsts, readers } = headsTogether(patterns, shape);
  const plan = new ScratchPlan();
  // Heads of one pattern share its rows.
  const planned = new Map([...new Set(patterns)].map((pattern) => [pattern, planRows(pattern, plan)]));
  const distinct = [...planned.values()];
  const longest = Math.max(GATHER.keys, ...distinct.map(({ rows }) => rows.most));
  const lanes = Array.from({ length: threads }, () => ({
    queries: plan.words(wholeEights(headDim)),
    scores: plan.words(longest + GATHER.rows * BEHIND_SCORES),
    output: plan.words(wholeEights(valueDim)),
    parts: plan.words(PARTS),
    turned: plan.words(turn === undefined ? 0 : headDim),
    exact: plan.words(score?.kind === "tanh" ? TANH_WORDS : 0),
  }));
  const prepared = preparedKeys(mechanism, headDim);
  const keysAt = plan.words(
    prepared === "numbers" ? readers * length : prepared === "rows" ? length * wholeEights(headDim) : 0,
  );
  const preparing = prepared === null ? new Int32Array(0) : preparingItems(length);
  const preparingAt = plan.words(preparing.length);
  const unit = scoreUnit(normaliser);
  const ownTokens = { from: length - queries, to: length };
  const turns = planTurns(turn, headDim, { from: Math.min(0, ownTokens.from), to: length }, plan);
  const table = bias?.table && tensorNamed(inputs, BIAS_TABLE);
  const biasedCall = { heads, keys: length, queries: ownTokens, causal, unit, table };
  const plannedBiases = bias && planBiases(bias, biasedCall, plan);
  const vector = (name: string): Float32Array => tensorNamed(inputs, name);
  const plannedScores = score && planScores(score, { heads, headDim, unit, exact: true, vector }, plan);
  const rowNumbers = rowNumbersOf(normaliser);
  const plannedNumbers = planRowNumbers(rowNumbers, distinct, queries, keysOfRows, plan);
  const call = new Call(plan, inputs, means.output, lanes);
  call.set({
    d: headDim,
    valueDim,
    length,
    firstQuery: ownTokens.from,
    readers,
    readerQueries: queries * headDim * FLOAT_BYTES,
    readerOutputs: queries * valueDim * FLOAT_BYTES,
    keys: prepared === null ? 0 : call.place(keysAt),
    keyWidth: prepared === "rows" ? wholeEights(headDim) : headDim,
  });
  call.setFloat("factor", score === undefined ? unit * scaleOf(mechanism, headDim) : 1);
  call.set({ ...turns(call), bias: 0, normaliser: NORMALISER[rowNumbers.normaliser] });
  call.setFloat("rowNumber", rowNumbers.number);
  const biases = plannedBiases?.(call);
  if (biases !== undefined) call.set(biases.words);
  const scores = plannedScores?.(call);
  call.set(scores?.words ?? PRODUCTS);
  const numbersAt = plannedNumbers(call);
  call.copy(preparingAt, preparing);
  const prepares = call.phases(preparingAt, prepared === null ? [] : [preparing.length]);
  const written = new Map<BoundPattern, WrittenRows>();
  for (const [pattern, one] of planned) {
    written.set(pattern, writeRows(call, one, numbersAt.get(one) ?? 0));
  }
  const runs = firsts.map((head, at): GatherRun => {
    const { words, phases } = written.get(patterns[head]) as WrittenRows;
    // Keys of one head of k are prepared once, unless each head of q makes something else of them.
    const same = prepared === "rows" && at > 0 && kvHeadOf(shape, firsts[at - 1]) === kvHeadOf(shape, head);
    return { head, words, phases: same ? phases : [...prepares, ...phases] };
  });
  const runner = phaseRunner(call, means.build, "runGatherItems", means.pool);
  const preparations = runs.filter(({ phases }) => phases.length > 1).length;
  return {
    run() {
      for (let head = 0; head < heads; head++) {
        biases?.refresh(head);
        scores?.refresh(head);
      }
      for (let entry = 0; entry < batch; entry++) {
        for (const { head, words, phases } of runs) {
          call.pointAt(entry, head);
          call.set({ ...words, bias: biases?.ofHead(head) ?? 0, score: scores?.ofHead(head) ?? 0 });
          runner.run(phases);
        }
      }
    },
    ...call.copied,
    output: () => call.output,
    workspaceBytes: call.workspaceBytes,
    ...gatherWork(
      shape,
      mechanism,
      patterns.map((pattern) => (planned.get(pattern) as PlannedRows).rows),
      preparations,
    ),
    dispose: () => runner.dispose(),
  };
}

/** What is done for a head of q, and for those that are done together with it. */
interface GatherRun {
  readonly head: number;
  readonly words: CallWords;
  readonly phases: readonly Phase[];
}

/** A pattern's rows and items, and where they are to lie. */
interface PlannedRows {
  readonly rows: KeyLists;
  readonly items: Int32Array;
  readonly at: { readonly rowAt: number; readonly rowKeys: number; readonly items: number };
}

function planRows(pattern: BoundPattern, plan: ScratchPlan): PlannedRows {
  const rows = compileKeyLists(pattern);
  const items = itemsOf(rows);
  const at = {
    rowAt: plan.words(rows.rowAt.length),
    rowKeys: plan.words(rows.keys.length),
    items: plan.words(items.length),
  };
  return { rows, items, at };
}

/** Ranges of rows with about `ITEM_KEYS` keys. */
function itemsOf({ rowAt }: KeyLists): Int32Array {
  const words: number[] = [];
  let from = 0;
  for (let row = 1; row < rowAt.length; row++) {
    // A row without keys is written, too.
    if (rowAt[row] + row - rowAt[from] - from < ITEM_KEYS && row < rowAt.length - 1) continue;
    words.push(GATHER_ITEM.rows, from, row);
    from = row;
  }
  return Int32Array.from(words);
}

/** Ranges of all keys. */
function preparingItems(length: number): Int32Array {
  const words: number[] = [];
  for (let from = 0; from < length; from += PREPARED_KEYS) {
    words.push(GATHER_ITEM.prepare, from, Math.min(from + PREPARED_KEYS, length));
  }
  return Int32Array.from(words);
}

/** Keys of each row. */
function keysOfRows({ rows: { rowAt } }: PlannedRows): Int32Array {
  return Int32Array.from({ length: rowAt.length - 1 }, (_, row) => rowAt[row + 1] - rowAt[row]);
}

/** What points a call at a head's rows, and its items. */
interface WrittenRows {
  readonly words: CallWords;
  readonly phases: readonly Phase[];
}

function writeRows(call: Call, { rows, items, at }: PlannedRows, rowNumbers: number): WrittenRows {
  call.copy(at.rowAt, rows.rowAt);
  call.copy(at.rowKeys, rows.keys);
  call.copy(at.items, items);
  return {
    words: { rowAt: call.place(at.rowAt), rowKeys: call.place(at.rowKeys), rowNumbers },
    phases: call.phases(at.items, [items.length]),
  };
}
