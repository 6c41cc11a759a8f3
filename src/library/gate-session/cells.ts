import { type Choosable, cellFilter } from "../../compare/cell-filter.ts";
import { GATE_DEFAULTS } from "../../core/defaults.ts";
import { printable, UsageError } from "../../core/errors.ts";
import type { InputSource } from "../../core/tensors.ts";
import type { LoadedSubject } from "../../gate/block/load-subject.ts";
import { operationOf } from "../../record/schema/case-task.ts";
import type { PlannedCase } from "../../record/schema/result-lines.ts";
import { planOf } from "../plan-of.ts";
import type { TypedChoices } from "../plan-options.ts";

/**
 * The cells to compare: those that either side plans and supports, base's first. For a plug-in only those
 * that use something it supplies: the rest is the same on both sides.
 */
export function pairedCells(
  sides: readonly LoadedSubject[],
  typed: TypedChoices,
  patterns: readonly string[],
  source: InputSource,
): readonly PlannedCase[] {
  const planned = new Map<string, PlannedCase>();
  const refused: unknown[] = [];
  for (const side of sides) {
    try {
      for (const cell of sidesCells(
        side,
        { ...typed, lengths: typed.lengths ?? GATE_DEFAULTS.lengths },
        source,
      )) {
        // A token by recomputing is a forward pass, and those have cells of their own.
        if (operationOf(cell).ofBaselineAlone || cell.unsupported !== null) continue;
        if (!planned.has(cell.case)) planned.set(cell.case, cell);
      }
    } catch (thrown) {
      // A variant or a parameter that only one side knows is no mistake: the cell then exists on one side.
      if (!(thrown instanceof UsageError)) throw thrown;
      refused.push(thrown);
    }
  }
  if (refused.length === sides.length) throw refused[0];
  const all = [...planned.values()];
  const chosen = all.filter(cellFilter({ cells: patterns }, all as readonly Choosable[]));
  if (chosen.length > 0) return chosen;
  throw new UsageError(
    `--cells: a cell must be supported by its kernel, got none of ${printable(patterns.join(" ") || "all")}; see attnbench list`,
  );
}

function sidesCells(side: LoadedSubject, typed: TypedChoices, source: InputSource): readonly PlannedCase[] {
  const { brought } = side;
  if (brought === null) return planOf(typed, side, source).cases;
  const { variants, kernels } = brought;
  const ids = new Set(variants.map(({ id }) => id));
  const kernelIds = new Set(kernels.map(({ id }) => id));
  const touched = (cell: PlannedCase) => ids.has(cell.variant) || kernelIds.has(cell.kernel);
  const byPlugin = new Map([[brought.code.name, kernels]]);
  const planned = planOf(typed, { ...side, byPlugin }, source).cases.filter(touched);
  // `auto` takes none of the kernels supplied by plug-ins.
  if (typed.kernel !== undefined || kernels.length === 0) return planned;
  return [...planned, ...planOf({ ...typed, kernel: [...kernelIds].join(",") }, side, source).cases];
}
