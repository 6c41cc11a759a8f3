import type { BlockMessage, BlockTask, CheckTask, TaskEntry } from "../../src/gate/block/block-task.ts";
import type { Ended } from "../../src/processes/run-process.ts";
import type { BlockEntry, CellFacts } from "../../src/record/schema/block-lines.ts";
import { YARDSTICK } from "../../src/record/schema/block-lines.ts";

export type Message = BlockMessage | Ended;

/** What processes say in a test in which none is started. */
export interface Acted {
  /** A side's cell as it is found. */
  readonly facts?: (cell: string, side: "base" | "head") => Partial<CellFacts>;
  /** Head over base. */
  readonly ratio?: (entry: TaskEntry, task: BlockTask) => number;
  readonly disturbed?: (entry: TaskEntry, task: BlockTask) => readonly number[];
  /** What is said in place of the usual; null for that. */
  readonly instead?: (task: BlockTask | CheckTask, count: number) => readonly Message[] | null;
}

const facts: CellFacts = {
  outcome: "right",
  reason: null,
  call_s: 1e-4,
  prepare_s: 1e-5,
  pairs: 64,
  useful_flops: 1,
  executed_flops: 1,
  bytes: 1,
  workspace_bytes: 1,
  gate_error: 1e-8,
  gate_budget: 1e-6,
};

/** What one process says, `count` being how many were started before it. */
export function act(task: BlockTask | CheckTask, count: number, acted: Acted): readonly Message[] {
  const instead = acted.instead?.(task, count) ?? null;
  if (instead !== null) return instead;
  if (task.kind === "check") {
    const { facts: found = () => ({}) } = acted;
    return [
      ...task.cells.flatMap(({ case: cell }): Message[] => [
        { kind: "begin", cell, side: "base" },
        {
          kind: "checked",
          line: {
            type: "checked",
            cell,
            base: { ...facts, ...found(cell, "base") },
            head: { ...facts, ...found(cell, "head") },
          },
        },
      ]),
      { kind: "done", load: 0 },
    ];
  }
  return [
    ...task.entries.flatMap((entry): Message[] => [
      { kind: "begin", cell: entry.cell?.case ?? YARDSTICK, side: null },
      { kind: "entry", entry: entryOf(entry, task, acted) },
    ]),
    { kind: "done", load: 1 },
  ];
}

function entryOf(
  entry: TaskEntry,
  task: BlockTask,
  { ratio = () => 1, disturbed = () => [] }: Acted,
): BlockEntry {
  const head = 1e-4 * ratio(entry, task);
  return {
    cell: entry.cell?.case ?? YARDSTICK,
    against: entry.against,
    base_s: [1e-4, 1e-4, 1e-4],
    head_s: [head, head, head],
    disturbed: [...disturbed(entry, task)],
    base_min_s: 1e-4,
    head_min_s: head,
  };
}
