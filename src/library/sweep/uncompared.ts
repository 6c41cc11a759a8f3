import { printable } from "../../core/errors.ts";
import { OPERATIONS } from "../../core/operation.ts";
import { BASELINE, isBaseline } from "../../record/schema/baseline.ts";
import { modeOf } from "../../record/schema/case-task.ts";
import type { Plan, PlannedCase } from "../../record/schema/result-lines.ts";
import { named } from "../../text/cut-text.ts";
import { formatLength } from "../../text/format.ts";

/** Variants named before the rest is counted. */
const MOST_NAMED = 6;

/**
 * What a plan measures and compares with nothing, since a case is compared within its kernel and the baseline is not measured
 * by that: a line where no kernel measures the baseline, with the reason, and one where others do; none if all is compared.
 */
export function uncomparedIn({ cases }: Pick<Plan, "cases">, baseline: string = BASELINE): readonly string[] {
  const over = baseline === BASELINE ? {} : { compared_with: baseline };
  const isRival = (one: PlannedCase) => isBaseline({ ...one, ...over });
  const own = cases.filter((one) => !OPERATIONS[modeOf(one)].ofBaselineAlone);
  const undefinedAt = new Map<string, number[]>();
  const alone = new Map<string, Set<string>>();
  for (const group of Map.groupBy(own, (one) => `${one.length} ${modeOf(one)}`).values()) {
    const rivals = group.filter(isRival);
    const kernels = new Set(rivals.filter(isSupported).map(({ kernel }) => kernel));
    const lost = group.filter((one) => isSupported(one) && !isRival(one) && !kernels.has(one.kernel));
    if (lost.length === 0) continue;
    if (kernels.size === 0) {
      const reason = rivals[0]?.unsupported ?? "it is not planned";
      const lengths = undefinedAt.get(reason) ?? [];
      undefinedAt.set(reason, [...lengths, group[0].length]);
      continue;
    }
    const by = [...kernels].sort().join(" and ");
    for (const { variant, kernel } of lost) {
      const key = JSON.stringify([kernel, by]);
      alone.set(key, (alone.get(key) ?? new Set()).add(variant));
    }
  }
  const all = new Set(own.map(({ length }) => length));
  const name = printable(baseline, 60);
  return [
    ...[...undefinedAt].map(([reason, lengths]) => {
      const some = new Set(lengths);
      const at = some.size === all.size ? "" : ` at ${named([...some].map(formatLength), MOST_NAMED)}`;
      return `the baseline ${name} is not defined or not supported${at}, and nothing is compared with it: ${printable(reason)}`;
    }),
    ...[...alone].map(([key, variants]) => {
      const [kernel, by]: readonly string[] = JSON.parse(key);
      const what = named(
        [...variants].map((one) => printable(one, 60)),
        MOST_NAMED,
      );
      return `${what} by ${printable(kernel, 60)}: compared with nothing, since the baseline ${name} is measured by ${printable(by, 60)} and not by that kernel; choose a kernel that all of them have`;
    }),
  ];
}

function isSupported({ unsupported }: PlannedCase): boolean {
  return unsupported === null;
}
