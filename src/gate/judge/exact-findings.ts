import type { OneSided, WorkChange } from "../../compare/comparison.ts";
import { type Quantity, workChanges } from "../../compare/work-changes.ts";
import type { ReadBlocks } from "../../record/read-blocks.ts";
import type { CellFacts, CheckedLine, GateLine, LostLine } from "../../record/schema/block-lines.ts";
import type { PlannedCase } from "../../record/schema/result-lines.ts";
import { formatSeconds } from "../../text/format.ts";

/**
 * What was found out without a clock: cells that both sides have right, changed work, cells of one side
 * alone.
 */
export function exactFindings(
  { plan }: GateLine,
  lines: ReadBlocks["lines"],
  lost: readonly LostLine[],
  accepted: ReadonlySet<Quantity>,
) {
  const checked = new Map(lines.filter((line) => line.type === "checked").map((line) => [line.cell, line]));
  const both: PlannedCase[] = [];
  const neither: string[] = [];
  const unchecked: string[] = [];
  const work: WorkChange[] = [];
  const oneSided: OneSided[] = [];
  for (const planned of plan.cells) {
    const line = checked.get(planned.case);
    if (line === undefined) {
      unchecked.push(`${planned.case}: it was not checked`);
      continue;
    }
    const found = withWrong(line, lost);
    const [baseRight, headRight] = [found.base, found.head].map(({ outcome }) => outcome === "right");
    if (baseRight && headRight) {
      both.push(planned);
      work.push(...workChanges(planned.case, found.base, found.head, { accepted }));
    } else if (baseRight) oneSided.push(oneSidedOf(planned.case, "base", found.head));
    else if (headRight) oneSided.push(oneSidedOf(planned.case, "head", found.base));
    else neither.push(`${planned.case}: right on neither side, ${found.base.reason ?? found.base.outcome}`);
  }
  return { both, neither, unchecked, checked, work, oneSided };
}

/** Preparing that takes this many times as long, and this many seconds more, is worth mentioning. */
const LONGER = { times: 3, seconds: 1e-3 } as const;

export function preparing(line: CheckedLine | undefined): readonly string[] {
  const [base, head] = [line?.base.prepare_s ?? null, line?.head.prepare_s ?? null];
  if (base === null || head === null || line === undefined) return [];
  if (!(head > LONGER.times * base && head - base > LONGER.seconds)) return [];
  return [
    `${line.cell} took ${formatSeconds(head)} to prepare in head, ${formatSeconds(base)} in base: timed a few times only, and not gated`,
  ];
}

/** A cell that turned wrong in a block is wrong. */
function withWrong(line: CheckedLine, lost: readonly LostLine[]): CheckedLine {
  const wrong = lost.find((one) => one.wrong && one.cell === line.cell && one.side !== null);
  if (wrong === undefined || wrong.side === null) return line;
  const { side, reason } = wrong;
  return { ...line, [side]: { ...line[side], outcome: "wrong", reason: `in a block: ${reason}` } };
}

function oneSidedOf(name: string, side: OneSided["side"], other: CellFacts): OneSided {
  return { case: name, side, reason: other.reason ?? other.outcome, broken: other.outcome === "wrong" };
}
