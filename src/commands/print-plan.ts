import { printable } from "../core/errors.ts";
import type { Plan } from "../record/schema/result-lines.ts";
import { countText } from "../text/count-text.ts";
import { formatFlops, formatSeconds } from "../text/format.ts";
import { type Io, print } from "./io.ts";

/** What a run would do: every case with its work and the time that one call may take, and what was `told` of its input. */
export function printPlan(plan: Plan, told: string | null, json: boolean, io: Io): void {
  if (json) {
    print(io, JSON.stringify(plan, null, 2));
    return;
  }
  const names = plan.cases.map((one) => printable(one.case));
  const widest = names.reduce((most, name) => Math.max(most, name.length), 0);
  for (const [index, one] of plan.cases.entries()) {
    const cost = `${formatFlops(one.useful_flops).padStart(12)}  about ${formatSeconds(one.predicted_s)} per call`;
    const remark = one.unsupported === null ? cost : `skipped: ${printable(one.unsupported)}`;
    print(io, `${names[index].padEnd(widest)}  ${remark}`);
  }
  print(
    io,
    "",
    ...(told === null ? [] : [told]),
    `${countText(plan.cases.length, "case")}, at most ${countText(plan.rounds, "round")} of each within ${formatSeconds(plan.budget_s)}; seed ${plan.seed}, input ${printable(plan.input)}`,
  );
}
