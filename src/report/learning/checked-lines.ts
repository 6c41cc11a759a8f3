import type { Learned } from "../../record/learned.ts";
import type { TrainedLine } from "../../record/schema/learning-lines.ts";
import { countText } from "../../text/count-text.ts";
import { formatPercent, formatSeconds } from "../../text/format.ts";

/** How many runs ended in which way: `27 of 30 runs trained, 3 diverged`. */
export function runsText({ runs }: Learned): string {
  const count = (outcome: TrainedLine["outcome"]) => runs.filter((run) => run.outcome === outcome).length;
  const lost = (["diverged", "failed"] as const)
    .filter((outcome) => count(outcome) > 0)
    .map((outcome) => `${count(outcome)} ${outcome}`);
  return [`${count("trained")} of ${countText(runs.length, "run")} trained`, ...lost].join(", ");
}

/** What was checked of what was trained, so that speed and accuracy speak of one thing. */
export function checkedLines(learned: Learned): readonly string[] {
  const { runs } = learned;
  if (runs.length === 0) return [];
  const twins = runs.flatMap(({ twin }) => (twin === null ? [] : [twin]));
  const gradients = twins.flatMap((twin) => twin.gradients ?? []);
  const tests = runs.filter(({ role, outcome }) => role === "test" && outcome === "trained");
  const kernels = tests.flatMap(({ kernel }) => (kernel === null ? [] : [kernel]));
  const seconds = runs.reduce((sum, run) => sum + (run.processor_s ?? 0), 0);
  return [
    `${runsText(learned)}.`,
    twins.length === 0
      ? "No dense twin was compared with a reference before it was trained."
      : `What is trained is the dense twin of a variant. Before training, ${twins.length} of ${countText(runs.length, "run")} compared its output with the float64 reference (${near(twins.map(({ output }) => output))}), and ${gradients.length} its gradients${gradients.length === 0 ? "" : ` (${near(gradients)})`}.`,
    ...(tests.length === 0
      ? []
      : [
          kernels.length === 0
            ? "The kernels that are timed were not run on what was learned: that they compute the same is not shown."
            : `After training, the kernel that is timed was run on the q, k and v of ${kernels.length} of ${countText(tests.length, "trained model")} (${near(kernels.map((one) => one.kernel_output))}), and so was the twin (${near(kernels.map((one) => one.twin_output))}), each against the reference.`,
        ]),
    ...(seconds > 0 ? [`All of it took ${formatSeconds(seconds)} of processor time.`] : []),
  ];
}

function near(agreements: readonly { readonly error: number; readonly budget: number }[]): string {
  const shares = agreements.flatMap(({ error, budget }) => (budget > 0 ? [error / budget] : []));
  if (shares.length === 0) return "by an unknown budget";
  return `errors at most ${formatPercent(shares.reduce((most, share) => Math.max(most, share), 0))} of their budgets`;
}
