import { FailureError, printable } from "../core/errors.ts";
import type { BlocksPlan, CellFacts } from "../record/schema/block-lines.ts";
import type { PlannedCase } from "../record/schema/result-lines.ts";
import type { CheckTask } from "./block/block-task.ts";
import { drawInjected, drawNulls } from "./block/draw-block.ts";
import { NO_FACTS } from "./block/no-facts.ts";
import { GateLog, type InnerLine } from "./gate-log.ts";
import { type GateContext, type OpenGate, patienceFor } from "./open-gate.ts";
import { runProcess } from "./run-process.ts";
import { runStage } from "./run-stage.ts";

/**
 * Runs a gate: verifies each cell on both sides, then, once for each run of the plan, stage 1 over all cells
 * that are right and stage 2 over those it sends on, in blocks of fresh processes. Yields the lines of its
 * file; prints nothing. Stops between blocks when the signal says so or the budget is spent.
 */
export async function* runGate(plan: BlocksPlan, context: GateContext): AsyncGenerator<InnerLine> {
  const log = new GateLog(context.already);
  const start = context.now();
  const before = log.elapsed();
  const gate: OpenGate = { plan, context, log, elapsed: () => before + context.now() - start };
  yield* check(gate);
  if (context.signal.aborted) return;
  const checked = log.checked();
  const right = plan.cells.filter(({ case: name }) => {
    const line = checked.get(name);
    return line?.base.outcome === "right" && line.head.outcome === "right";
  });
  context.checked(log, right);
  if (right.length === 0) return;
  for (let run = 0; run < plan.runs; run++) {
    const injected = plan.inject > 0 ? drawInjected(plan.seed, run, right).case : null;
    const finished = yield* firstStage(gate, run, right, injected);
    if (!finished) return;
    if (!(yield* secondStage(gate, run, right, injected))) return;
  }
}

/** How many processes of the check may end early, each at a different cell, before the check is abandoned. */
const MOST_ENDED = 3;

/**
 * Yields what each side's cells are found to be, for those that no earlier session checked. A cell in which a
 * process dies or hangs is wrong on that side, and a fresh process continues with the others.
 */
async function* check(gate: OpenGate): AsyncGenerator<InnerLine> {
  const { plan, context, log } = gate;
  for (let ended = 0; ; ended++) {
    const known = log.checked();
    const cells = plan.cells.filter(({ case: name }) => !known.has(name));
    if (cells.length === 0 || context.signal.aborted) return;
    const cut = yield* checkUntilCut(gate, cells);
    if (cut === null) return;
    const { cell, side, reason } = cut;
    if (cell === null || side === null || ended >= MOST_ENDED) {
      const where = cell === null ? "loaded" : `checked in ${printable(cell)}`;
      throw new FailureError(
        `gate: ${side ?? "a side"} cannot be ${where}, ${printable(reason, 500)}; fix that, or exclude the cell with --cells`,
      );
    }
    const other = cut.facts ?? { ...NO_FACTS, outcome: "unsupported", reason: "base could not be tried" };
    const wrong: CellFacts = { ...NO_FACTS, outcome: "wrong", reason };
    const [base, head] = side === "base" ? [wrong, other] : [other, wrong];
    yield log.add({ type: "checked", cell, base, head });
  }
}

/** Where and why a process of the check ended early. */
interface Cut {
  readonly cell: string | null;
  readonly side: "base" | "head" | null;
  /** Of base, where head was being checked. */
  readonly facts: CellFacts | null;
  readonly reason: string;
}

/**
 * Yields cells as one process checks them; returns where it was cut short; null if it was not, or was
 * interrupted.
 */
async function* checkUntilCut(
  { plan, context, log }: OpenGate,
  cells: readonly PlannedCase[],
): AsyncGenerator<InnerLine, Cut | null> {
  const { places, simd } = context;
  const { input, tensors, seed } = plan;
  const task: CheckTask = { kind: "check", places, simd, input, tensors, seed, cells };
  const patience = patienceFor(Math.max(...cells.map((one) => one.predicted_s)));
  const total = plan.cells.length;
  let begun: Pick<Cut, "cell" | "side"> = { cell: null, side: null };
  let facts: CellFacts | null = null;
  for await (const message of runProcess(task, patience, context.signal)) {
    switch (message.kind) {
      case "begin":
        begun = { cell: message.cell, side: message.side };
        if (message.side === "base") facts = null;
        context.observe({ phase: "check", run: 0, done: log.checked().size, total, cell: begun.cell ?? "" });
        break;
      case "facts":
        facts = message.facts;
        break;
      case "checked":
        yield log.add(message.line);
        break;
      case "lost":
      case "ended":
        return context.signal.aborted ? null : { ...begun, facts, reason: message.reason };
      case "done":
        return null;
      default:
        throw new TypeError(`a check must not say ${message.kind}`);
    }
  }
  return null;
}

async function* firstStage(
  gate: OpenGate,
  run: number,
  right: readonly PlannedCase[],
  injected: string | null,
): AsyncGenerator<InnerLine, boolean> {
  const { plan, log } = gate;
  if (log.stage(run, 1) === undefined) {
    const cells = right.map((cell) => cell.case);
    const nulls = drawNulls(plan.seed, { run, stage: 1 }, cells);
    yield log.add({ type: "stage", run, stage: 1, blocks: plan.rule.stage1Blocks, cells, nulls, injected });
  }
  return yield* runStage(gate, run, 1);
}

async function* secondStage(
  gate: OpenGate,
  run: number,
  right: readonly PlannedCase[],
  injected: string | null,
): AsyncGenerator<InnerLine, boolean> {
  const { plan, context, log } = gate;
  if (log.stage(run, 2) === undefined) {
    const wrong = log.wrong();
    const left = plan.budget_s === null ? null : plan.budget_s - gate.elapsed();
    const names = right.map((cell) => cell.case).filter((name) => !wrong.has(name));
    const { cells, blocks } = context.chooseStage2(log.blocks(run, 1), names, left);
    const nulls = drawNulls(plan.seed, { run, stage: 2 }, cells);
    yield log.add({ type: "stage", run, stage: 2, blocks, cells: [...cells], nulls: [...nulls], injected });
  }
  return yield* runStage(gate, run, 2);
}
