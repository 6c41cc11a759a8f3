import { loadavg } from "node:os";
import { type BlockEntry, YARDSTICK } from "../core/block-lines.ts";
import { machineState } from "../measure/machine-state.ts";
import { planSlot } from "../measure/slot.ts";
import type { SlotTimes } from "./arm.ts";
import { ArmHandle, type ArmName } from "./arm-handle.ts";
import type { BlockMessage, BlockTask, TaskEntry } from "./block-task.ts";
import { wasPreempted, wasStolen } from "./disturbance.ts";

/** Rows that the correctness gate looks at in a block: it was thorough when the cells were checked. */
const ROWS = 8;

/** Measures the entries of one block in turns: exactly one side computes at a time. Says what it finds as it goes. */
export async function measureBlock(
  task: BlockTask,
  say: (message: BlockMessage) => Promise<void>,
): Promise<void> {
  const arms = await startArms(task);
  for (const entry of task.entries) {
    const name = entry.cell?.case ?? YARDSTICK;
    await say({ kind: "begin", cell: name });
    const base = arms.base;
    const other = entry.against === "twin" ? arms.twin : arms.head;
    if (base === undefined || other === undefined) throw new TypeError("a block must start the arms it asks");
    const measured = await measureEntry(task, entry, base, other);
    if ("reason" in measured) await say({ kind: "wrong", cell: name, ...measured });
    else await say({ kind: "entry", entry: { cell: name, against: entry.against, ...measured } });
  }
  await say({ kind: "done", load: loadavg()[0] });
}

/** The sides that the entries need, in the drawn order. */
async function startArms({
  entries,
  base,
  head,
  simd,
  padding,
  first,
}: BlockTask): Promise<Partial<Record<ArmName, ArmHandle>>> {
  const twin = entries.some(({ against }) => against === "twin");
  const names: ArmName[] = first === "base" ? ["base", "head"] : ["head", "base"];
  if (twin) names.splice(first === "base" ? 2 : 0, 0, "twin");
  const arms: Partial<Record<ArmName, ArmHandle>> = {};
  for (const name of names) {
    const place = name === "head" ? head : base;
    arms[name] = new ArmHandle(name, { place, simd, padding: padding[name] });
    await arms[name].loaded;
  }
  return arms;
}

interface Wrong {
  readonly side: "base" | "head";
  readonly reason: string;
}

type Measured = Omit<BlockEntry, "cell" | "against">;

/** The fewest turns, for calls so long that few fit. */
const LEAST_QUADS = 3;

/** What one entry took, in turns of four slots, or which side is wrong. A twin that is wrong is base. */
async function measureEntry(
  task: BlockTask,
  entry: TaskEntry,
  base: ArmHandle,
  other: ArmHandle,
): Promise<Measured | Wrong> {
  const opened = await openBoth(task, entry, base, other);
  if ("reason" in opened) return opened;
  const slot = planSlot(opened.callSeconds, task.slot_s);
  const slotSeconds = opened.callSeconds * slot.callsPerSample * slot.samples;
  const quads = Math.max(LEAST_QUADS, Math.round(task.entry_s / (4 * slotSeconds)));
  const pairs: { base: SlotTimes; head: SlotTimes; stolen: boolean }[] = [];
  for (let quad = 0; quad < quads; quad++) {
    await base.collect();
    await other.collect();
    const before = machineState();
    const times: SlotTimes[] = [];
    for (const letter of task.order) {
      const arm = letter === "A" ? base : other;
      const measured = await arm.slot(slot, arm === base ? 0 : entry.pad);
      if (measured.wrong !== null) return { side: sideOf(arm), reason: measured.wrong };
      times.push(measured);
    }
    const stolen = wasStolen(before, machineState());
    const [a, b, c, d] = times;
    const bySide =
      task.order === "ABBA"
        ? [
            [a, b],
            [d, c],
          ]
        : [
            [b, a],
            [c, d],
          ];
    for (const [first, second] of bySide) pairs.push({ base: first, head: second, stolen });
  }
  await base.close();
  await other.close();
  return {
    base_s: pairs.map((pair) => rounded(pair.base.median_s)),
    head_s: pairs.map((pair) => rounded(pair.head.median_s)),
    disturbed: pairs.flatMap(({ base, head, stolen }, index) =>
      stolen || wasPreempted(base) || wasPreempted(head) ? [index] : [],
    ),
    base_min_s: rounded(Math.min(...pairs.map((pair) => pair.base.min_s))),
    head_min_s: rounded(Math.min(...pairs.map((pair) => pair.head.min_s))),
  };
}

function sideOf({ name }: ArmHandle): "base" | "head" {
  return name === "head" ? "head" : "base";
}

/** Opens both sides, in the drawn order; `callSeconds` is base's, so that both make as many calls. */
async function openBoth(
  { first, input, seed }: BlockTask,
  { cell }: TaskEntry,
  base: ArmHandle,
  other: ArmHandle,
): Promise<{ callSeconds: number } | Wrong> {
  let callSeconds = 0;
  for (const arm of first === "base" ? [base, other] : [other, base]) {
    if (cell === null) {
      const seconds = await arm.openYardstick();
      if (arm === base) callSeconds = seconds;
      continue;
    }
    const facts = await arm.open({ cell, input, seed, rows: ROWS });
    if (facts.outcome !== "right") return { side: sideOf(arm), reason: facts.reason ?? facts.outcome };
    if (arm === base) callSeconds = facts.call_s ?? 0;
  }
  return { callSeconds };
}

/** Four digits are a hundredth of what the rule takes notice of, and the file stays small. */
function rounded(seconds: number): number {
  return Number(seconds.toPrecision(4));
}
