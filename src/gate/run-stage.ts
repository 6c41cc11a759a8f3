import { FailureError, printable } from "../core/errors.ts";
import type { BlockEntry, LostLine, StageLine } from "../record/schema/block-lines.ts";
import type { PlannedCase } from "../record/schema/result-lines.ts";
import type { BlockTask } from "./block/block-task.ts";
import { drawBlock } from "./block/draw-block.ts";
import { type InnerLine, validBlocks } from "./gate-log.ts";
import { type OpenGate, patienceFor } from "./open-gate.ts";
import { runProcess } from "./run-process.ts";

/** A stage takes at most this many times its blocks if cells are disturbed. */
const MOST_TIMES = 3;

/** Consecutive lost blocks after which it is no accident. */
const MOST_LOST = 3;

/**
 * The blocks of one stage: as many as its line says, and then more for the cells that were disturbed too
 * often. Returns whether it finished.
 */
export async function* runStage(
  gate: OpenGate,
  run: number,
  stage: number,
): AsyncGenerator<InnerLine, boolean> {
  const { context, log } = gate;
  const line = log.stage(run, stage);
  if (line === undefined) throw new TypeError("runStage: a stage must have its line first");
  const most = MOST_TIMES * line.blocks;
  let lostInARow = 0;
  for (;;) {
    const done = log.blocks(run, stage).length;
    const due = dueCells(gate, line, done);
    if (due.cells.length === 0 || done >= most) return true;
    if (context.signal.aborted || isSpent(gate, run, stage)) return false;
    const block = done + log.lost(run, stage).filter(({ wrong }) => !wrong).length;
    const before = {
      run,
      done,
      total: Math.max(line.blocks, done + 1),
      phase: stage === 1 ? "stage 1" : "stage 2",
    } as const;
    let lost: LostLine | null = null;
    for await (const one of runBlock(gate, line, block, due, (cell) =>
      context.observe({ ...before, cell }),
    )) {
      if (one.type === "lost" && !one.wrong) lost = one;
      yield log.add(one);
    }
    if (context.signal.aborted) return false;
    lostInARow = lost === null ? 0 : lostInARow + 1;
    if (lost !== null && lostInARow >= MOST_LOST) throw lostTooOften(lost);
  }
}

/**
 * The cells that a stage still has to measure: all until it has its blocks, then those with too few valid
 * ones.
 */
function dueCells({ plan, log }: OpenGate, line: StageLine, done: number) {
  const wrong = log.wrong();
  const blocks = log.blocks(line.run, line.stage);
  const isDue = (against: BlockEntry["against"]) => (name: string) =>
    !wrong.has(name) && (done < line.blocks || validBlocks(blocks, name, against) < line.blocks);
  const named = (names: readonly string[]) => {
    const set = new Set(names);
    return plan.cells.filter(({ case: name }) => set.has(name));
  };
  return {
    cells: named(line.cells.filter(isDue("head"))),
    nulls: named(line.nulls.filter(isDue("twin"))),
  };
}

/** Whether another block would break the budget, judging by those of its stage. */
function isSpent({ plan, log, elapsed }: OpenGate, run: number, stage: number): boolean {
  if (plan.budget_s === null) return false;
  const blocks = log.blocks(run, stage);
  const usual = blocks.reduce((sum, { seconds }) => sum + seconds, 0) / Math.max(1, blocks.length);
  return elapsed() + usual > plan.budget_s;
}

async function* runBlock(
  { plan, context, log, elapsed }: OpenGate,
  { run, stage, injected }: StageLine,
  block: number,
  { cells, nulls }: { readonly cells: readonly PlannedCase[]; readonly nulls: readonly PlannedCase[] },
  begin: (cell: string) => void,
): AsyncGenerator<InnerLine> {
  const { places, simd } = context;
  const draws = drawBlock(plan.seed, { run, stage, block }, { cells, nulls, injected, inject: plan.inject });
  const { input, tensors, slot_s, entry_s } = plan;
  const task: BlockTask = { kind: "block", places, simd, input, tensors, slot_s, entry_s, ...draws };
  const entries: BlockEntry[] = [];
  const at_s = elapsed();
  const place = { run, stage, block, at_s };
  const checked = log.checked();
  const calls = [...cells, ...nulls].flatMap(({ case: name }) => {
    const line = checked.get(name);
    return [line?.base.call_s ?? 0, line?.head.call_s ?? 0];
  });
  let begun: Pick<LostLine, "cell" | "side"> = { cell: null, side: null };
  for await (const message of runProcess(task, patienceFor(Math.max(0, ...calls)), context.signal)) {
    switch (message.kind) {
      case "begin":
        begun = { cell: message.cell, side: message.side };
        if (message.cell !== null) begin(message.cell);
        break;
      case "entry":
        entries.push(message.entry);
        break;
      case "wrong": {
        // Base can be wrong twice in one block: against head, and against its twin.
        if (log.wrong().has(message.cell)) break;
        const { side, reason } = message;
        yield { type: "lost", ...place, cell: message.cell, side, wrong: true, reason };
        break;
      }
      case "lost":
      case "ended": {
        if (context.signal.aborted) return;
        yield { type: "lost", ...place, ...begun, wrong: false, reason: message.reason };
        return;
      }
      case "done":
        yield {
          type: "block",
          ...place,
          order: draws.order,
          seconds: elapsed() - at_s,
          load: message.load,
          entries,
        };
        break;
      default:
        throw new TypeError(`a block must not say ${message.kind}`);
    }
  }
}

function lostTooOften({ cell, side, reason }: LostLine): FailureError {
  const who = side ?? "a block";
  const where = cell === null ? "before its first cell" : `in ${printable(cell)}`;
  return new FailureError(
    `gate: ${who} was lost ${MOST_LOST} times in a row, most recently ${where}, ${printable(reason, 500)}; what was measured is kept: fix that, or exclude the cell with --cells`,
  );
}
