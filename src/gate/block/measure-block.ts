import { loadavg } from "node:os";
import { machineState } from "../../machine/state.ts";
import type { Kinds } from "../../mechanisms/kinds.ts";
import { type BlockEntry, YARDSTICK } from "../../record/schema/block-lines.ts";
import type { SlotPlan } from "../../timing/slot.ts";
import { blame } from "../../verify/prepare-case.ts";
import type { Arm, SlotTimes } from "./arm.ts";
import type { ArmName, BlockTask, Say, TaskEntry } from "./block-task.ts";
import { wasPreempted, wasStolen } from "./disturbance.ts";
import { drawUntimed } from "./draw-untimed.ts";
import { loadArm, loadJudges } from "./load-arm.ts";
import { waitedWithin } from "./waited-within.ts";

/** Rows verified in a block: verification was thorough when the cells were checked. */
const ROWS = 8;

/**
 * Measures the entries of one block in turns, in one thread: what another program does to a processor then
 * falls on both sides alike. Says what it finds as it goes.
 */
export async function measureBlock(task: BlockTask, say: Say): Promise<void> {
  const arms = await loadArms(task, say);
  for (const entry of task.entries) {
    const name = entry.cell?.case ?? YARDSTICK;
    const other = entry.against === "twin" ? arms.twin : arms.head;
    if (arms.base === undefined || other === undefined) throw new TypeError("a block must load what it asks");
    const sides = { base: arms.base, other };
    const measured = await measureEntry(task, entry, sides, say);
    if ("reason" in measured) await say({ kind: "wrong", cell: name, ...measured });
    else await say({ kind: "entry", entry: { cell: name, against: entry.against, ...measured } });
  }
  for (const arm of Object.values(arms)) await arm.end();
  await say({ kind: "done", load: loadavg()[0] });
}

/**
 * The sides that the entries need, in the drawn order, each behind a shift of its memory that stays for good.
 */
async function loadArms(task: BlockTask, say: Say): Promise<Partial<Record<ArmName, Arm>>> {
  const { entries, first, padding, places, simd } = task;
  const names: ArmName[] = first === "base" ? ["base", "head"] : ["head", "base"];
  if (entries.some(({ against }) => against === "twin")) names.splice(first === "base" ? 2 : 0, 0, "twin");
  const named = [...new Set(entries.flatMap(({ cell }) => cell?.kernel ?? []))];
  let judges: Kinds | undefined;
  const arms: Partial<Record<ArmName, Arm>> = {};
  for (const name of names) {
    await say({ kind: "begin", cell: null, side: sideOf(name) });
    judges ??= await loadJudges(places.base);
    shifts.push(new Uint8Array(padding[name]).fill(1));
    arms[name] = await loadArm(name, places[name], simd, judges, named);
  }
  return arms;
}

/** Kept for as long as the process lives. */
const shifts: Uint8Array[] = [];

function sideOf(name: ArmName): "base" | "head" {
  return name === "head" ? "head" : "base";
}

/** The two sides compared. A twin is base. */
interface Sides {
  readonly base: Arm;
  readonly other: Arm;
}

interface Wrong {
  readonly side: "base" | "head";
  readonly reason: string;
}

type Measured = Omit<BlockEntry, "cell" | "against">;

/** What one entry took, in turns of four slots, or which side is wrong. */
async function measureEntry(
  task: BlockTask,
  entry: TaskEntry,
  sides: Sides,
  say: Say,
): Promise<Measured | Wrong> {
  const opened = await openBoth(task, entry, sides, say);
  if ("reason" in opened) return opened;
  await say({ kind: "begin", cell: entry.cell?.case ?? YARDSTICK, side: null });
  const measured = await takeTurns(task, entry, sides, opened.callSeconds);
  if ("reason" in measured) return measured;
  for (const which of ["base", "other"] as const) {
    const reason = await rechecked(sides[which]);
    if (reason !== null)
      return { side: which === "base" || entry.against === "twin" ? "base" : "head", reason };
  }
  sides.base.close();
  sides.other.close();
  return measured;
}

/** Opens both sides, in the drawn order; `callSeconds` is base's, so that both make as many calls. */
async function openBoth(
  { first, input, tensors, seed }: BlockTask,
  { cell, against }: TaskEntry,
  sides: Sides,
  say: Say,
): Promise<{ callSeconds: number } | Wrong> {
  let callSeconds = 0;
  for (const which of first === "base" ? (["base", "other"] as const) : (["other", "base"] as const)) {
    const side = which === "other" && against !== "twin" ? "head" : "base";
    await say({ kind: "begin", cell: cell?.case ?? YARDSTICK, side });
    if (cell === null) {
      const seconds = sides[which].openYardstick();
      if (which === "base") callSeconds = seconds;
      continue;
    }
    const facts = await sides[which].open({ cell, input, tensors, seed, rows: ROWS });
    if (facts.outcome !== "right") return { side, reason: facts.reason ?? facts.outcome };
    if (which === "base") callSeconds = facts.call_s ?? 0;
  }
  return { callSeconds };
}

/** The fewest turns, for calls so long that few fit. */
const LEAST_QUADS = 3;

async function takeTurns(
  task: BlockTask,
  entry: TaskEntry,
  sides: Sides,
  callSeconds: number,
): Promise<Measured | Wrong> {
  const { pad, against } = entry;
  // Both sides step through windows of one length, or neither does.
  const { plan: slot, seconds: slotSeconds } = sides.base.plan(callSeconds, task.slot_s);
  const calls = slot.callsPerSample * slot.samples;
  const quads = Math.max(LEAST_QUADS, Math.round(task.entry_s / (4 * slotSeconds)));
  const untimed = drawUntimed(task.seed, entry, callSeconds, task.entry_s);
  for (const which of ["base", "other"] as const) {
    const reason = await thrownBy(() => sides[which].skip(untimed.first));
    if (reason !== null) return { side: which === "base" || against === "twin" ? "base" : "head", reason };
  }
  const pairs: { base: SlotTimes; head: SlotTimes; stolen: boolean }[] = [];
  // Not before every slot: the cost of a side's garbage falls on its calls, as it does for users.
  sides.base.collect();
  for (let quad = 0; quad < quads; quad++) {
    const before = machineState();
    const times: SlotTimes[] = [];
    const skipped = untimed.next();
    for (const [place, letter] of [...task.order].entries()) {
      const base = letter === "A";
      const skip = skipped[place < 2 ? 0 : 1];
      const measured = await (base
        ? slotOf(sides.base, slot, 0, skip)
        : slotOf(sides.other, slot, pad, skip));
      if (typeof measured === "string") {
        return { side: base || against === "twin" ? "base" : "head", reason: measured };
      }
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
  return {
    base_s: pairs.map((pair) => rounded(pair.base.median_s)),
    head_s: pairs.map((pair) => rounded(pair.head.median_s)),
    disturbed: pairs.flatMap(({ base, head, stolen }, index) =>
      stolen || wasPreempted(base) || wasPreempted(head) ? [index] : [],
    ),
    base_min_s: rounded(Math.min(...pairs.map((pair) => pair.base.min_s))),
    head_min_s: rounded(Math.min(...pairs.map((pair) => pair.head.min_s))),
    means: {
      calls,
      base_s: pairs.map((pair) => rounded(pair.base.mean_s)),
      head_s: pairs.map((pair) => rounded(pair.head.mean_s)),
      base_waited_s: waitedWithin(pairs.map(({ base }) => base)).map(rounded),
      head_waited_s: waitedWithin(pairs.map(({ head }) => head)).map(rounded),
      stolen: pairs.flatMap(({ stolen }, index) => (stolen ? [index] : [])),
    },
  };
}

/** One slot, or why it does not count: the kernel threw, or its output is wrong. */
async function slotOf(arm: Arm, slot: SlotPlan, pad: number, untimed: number): Promise<SlotTimes | string> {
  try {
    const times = await arm.slot(slot, pad, untimed);
    return times.wrong ?? times;
  } catch (thrown) {
    return blame(thrown);
  }
}

/** What is wrong with anything that is open, or null. */
async function rechecked(arm: Arm): Promise<string | null> {
  try {
    return await arm.recheck();
  } catch (thrown) {
    return blame(thrown);
  }
}

/** Why calls did not finish; null if they did. */
async function thrownBy(call: () => Promise<unknown> | null): Promise<string | null> {
  try {
    await call();
    return null;
  } catch (thrown) {
    return blame(thrown);
  }
}

/** Four digits resolve a hundredth of what the rule can notice, and the file stays small. */
function rounded(seconds: number): number {
  return Number(seconds.toPrecision(4));
}
