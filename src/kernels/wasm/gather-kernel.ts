import type { BoundPattern } from "../../core/pattern.ts";
import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES } from "../../core/shape.ts";
import { type SoftmaxPattern, scaleOf } from "../../mechanisms/softmax-pattern/declare.ts";
import { headsTogether } from "../heads-together.ts";
import type { Runnable } from "../kernel.ts";
import { compileKeyLists, type KeyLists } from "../key-lists.ts";
import { Call, type CallWords, type Phase, ScratchPlan } from "./call.ts";
import { GATHER, PARTS } from "./layout.ts";
import type { Means } from "./means.ts";
import { phaseRunner } from "./run-phases.ts";

/** Keys of an item, about: enough to be worth taking, and few enough for threads to end together. */
const ITEM_KEYS = 8192;

/** Words that the scores of a row take beyond its keys. */
const BEHIND_SCORES = 11;

/** Softmax attention that fetches the keys of each row: for patterns whose tiles would be mostly empty. */
export function prepareGather(
  problem: Problem,
  mechanism: SoftmaxPattern,
  patterns: readonly BoundPattern[],
  means: Means,
): Runnable {
  const { shape, inputs, threads } = problem;
  const { batch, headDim, valueDim, queries } = shape;
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
  }));
  const call = new Call(plan, inputs, means.output, lanes);
  call.set({
    d: headDim,
    valueDim,
    readers,
    readerQueries: queries * headDim * FLOAT_BYTES,
    readerOutputs: queries * valueDim * FLOAT_BYTES,
  });
  call.setFloat("factor", Math.LOG2E * scaleOf(mechanism, headDim));
  const work = new Map<BoundPattern, RowsWork>();
  const written = new Map<BoundPattern, WrittenRows>();
  for (const [pattern, one] of planned) {
    work.set(pattern, workOf(one.rows));
    written.set(pattern, writeRows(call, one));
  }
  const runner = phaseRunner(call, means.build, "runGatherItems", means.pool);
  const sum = (of: (work: RowsWork) => number): number =>
    batch * patterns.reduce((total, pattern) => total + of(work.get(pattern) as RowsWork), 0);
  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        for (const head of firsts) {
          const { words, phases } = written.get(patterns[head]) as WrittenRows;
          call.pointAt(entry, head);
          call.set(words);
          runner.run(phases);
        }
      }
    },
    ...call.copied,
    output: () => call.output,
    workspaceBytes: call.workspaceBytes,
    executedFlops: sum(
      ({ scores, pairs }) => 2 * (wholeEights(headDim) * scores + wholeEights(valueDim) * pairs),
    ),
    bytes: sum(({ rows, pairs }) => FLOAT_BYTES * (headDim * (rows + pairs) + valueDim * (pairs + rows))),
    dispose: () => runner.dispose(),
  };
}

/** Numbers of a row that are computed: those beyond its width are zeros, or never read. */
function wholeEights(width: number): number {
  return Math.ceil(width / 8) * 8;
}

/** A head's rows, the scores that are computed for them, and the pairs whose values are added. */
interface RowsWork {
  readonly rows: number;
  readonly scores: number;
  readonly pairs: number;
}

/** Scores are computed in fours. */
function workOf({ rowAt, keys }: KeyLists): RowsWork {
  let scores = 0;
  for (let row = 1; row < rowAt.length; row++) scores += Math.ceil((rowAt[row] - rowAt[row - 1]) / 4) * 4;
  return { rows: rowAt.length - 1, scores, pairs: keys.length };
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
    words.push(0, from, row);
    from = row;
  }
  return Int32Array.from(words);
}

/** What points a call at a head's rows, and its items. */
interface WrittenRows {
  readonly words: CallWords;
  readonly phases: readonly Phase[];
}

function writeRows(call: Call, { rows, items, at }: PlannedRows): WrittenRows {
  call.copy(at.rowAt, rows.rowAt);
  call.copy(at.rowKeys, rows.keys);
  call.copy(at.items, items);
  return {
    words: { rowAt: call.place(at.rowAt), rowKeys: call.place(at.rowKeys) },
    phases: call.phases(at.items, [items.length]),
  };
}
