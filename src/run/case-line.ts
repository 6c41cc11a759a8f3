import type { JudgedVariant } from "../mechanisms/judged.ts";
import { workOfCase } from "../mechanisms/work-of-case.ts";
import { otherYardstick } from "../mechanisms/yardstick-of.ts";
import { alignmentField, operationOf } from "../record/schema/case-task.ts";
import { identityOf } from "../record/schema/identity.ts";
import type { CaseLine, PlannedCase } from "../record/schema/result-lines.ts";
import type { DecodingFacts, GreenCase, RedCase } from "../verify/prepare-case.ts";
import type { MeasuredProblems } from "./measured-problems.ts";

/** The line of a case that went through verification, green or red. A red one has no times. */
export function caseLine(
  planned: PlannedCase,
  problems: MeasuredProblems,
  result: GreenCase | RedCase,
  remarks: readonly string[] = [],
): CaseLine {
  const green = result.outcome === "green" ? result : null;
  const { gate } = result;
  const elsewhere = green === null ? null : problems.fidelityOn(planned);
  const fidelityError = finiteOrNull(gate?.fidelityError);
  const against = fidelityError === null ? null : otherYardstick(problems.variant(planned).filled);
  return {
    ...commonFields(planned, problems),
    outcome: OUTCOMES[result.outcome],
    reason: result.outcome === "green" ? null : result.reason,
    prepare_s: green?.prepareSeconds ?? null,
    first_prepare_s: green?.firstPrepareSeconds ?? null,
    executed_flops: green?.runnable.executedFlops ?? null,
    bytes: green?.runnable.bytes ?? null,
    workspace_bytes: green?.runnable.workspaceBytes ?? null,
    ...savedField(planned, green),
    ...clockField(green),
    ...decodingFields(planned, green?.decoding ?? null),
    ...firstStepField(green),
    gate_error: finiteOrNull(gate?.error),
    gate_budget: finiteOrNull(gate?.budget),
    gate_rows: gate?.rows ?? null,
    ...(gate === null ? {} : { compared_rows: gate.comparedRows }),
    fidelity_error: fidelityError,
    ...(against !== null && { fidelity_against: against }),
    mean_fidelity_error: finiteOrNull(gate?.meanFidelityError),
    ...(elsewhere !== null && { fidelity_on: elsewhere }),
    ...(remarks.length > 0 && { remarks: [...remarks] }),
  };
}

/** Omitted unless a backward pass was timed alone, which may need nothing of the forward pass. */
function savedField(planned: PlannedCase, green: GreenCase | null): Pick<CaseLine, "saved_bytes"> {
  if (operationOf(planned).makesOutput) return {};
  return { saved_bytes: green === null ? null : (green.saved?.bytes ?? 0) };
}

/** Whoever says neither says nothing. */
function clockField(green: GreenCase | null): Pick<CaseLine, "clock"> {
  const clock: unknown = green?.runnable.clock;
  return clock === "host" || clock === "device" ? { clock } : {};
}

/** How a verified case ends. */
const OUTCOMES = { green: "measured", red: "failed", unproven: "unproven", untold: "skipped" } as const;

/** The line of a case that was not started. */
export function skippedLine(planned: PlannedCase, problems: MeasuredProblems, reason: string): CaseLine {
  return {
    ...commonFields(planned, problems),
    outcome: "skipped",
    reason,
    prepare_s: null,
    first_prepare_s: null,
    executed_flops: null,
    bytes: null,
    workspace_bytes: null,
    ...savedField(planned, null),
    ...decodingFields(planned, null),
    gate_error: null,
    gate_budget: null,
    gate_rows: null,
    fidelity_error: null,
    mean_fidelity_error: null,
  };
}

function commonFields(planned: PlannedCase, problems: MeasuredProblems) {
  const operation = operationOf(planned);
  const { variant, filled } = problems.variant(planned);
  const { pairs, usefulFlops, selectFlops, projectFlops } = workOfCase(planned, filled);
  return {
    type: "case" as const,
    ...identityOf(planned),
    ...alignmentField(planned),
    title: titleOf(operation.titled(variant.title), filled),
    ...(typeof variant.arena === "string" && { arena: variant.arena }),
    exponent: operation.exponentOf(exponentOf(planned, filled)),
    input: problems.sourceName,
    pairs,
    useful_flops: usefulFlops,
    ...(selectFlops !== undefined && { select_flops: selectFlops }),
    ...(projectFlops !== undefined && { project_flops: projectFlops }),
  };
}

/** With what a gradient is taken through, where something was chosen: `MoBA, its gradients, through the chosen keys`. */
function titleOf(titled: string, { kind, mechanism }: JudgedVariant): string {
  const through = kind.through?.(mechanism) ?? null;
  return through === null ? titled : `${titled}, ${through}`;
}

/**
 * The exponent of a pass. Fewer queries than keys are as many at every length, so that rows of pairs grow
 * with one power less; so do more of them, unless the call is causal and the first see no key.
 */
function exponentOf(planned: PlannedCase, { exponentAt, kind }: JudgedVariant): number {
  const { length, queries, causal } = planned;
  const exponent = exponentAt(length);
  const fixed = queries !== undefined && (queries < length || !causal);
  return fixed && kind.pairwise ? Math.max(0, exponent - 1) : exponent;
}

/** Omitted if no state is kept. */
function decodingFields(planned: PlannedCase, facts: DecodingFacts | null) {
  if (!operationOf(planned).keepsState) return {};
  return {
    state_bytes: facts?.stateBytes ?? null,
    resident_bytes: facts?.residentBytes ?? null,
    prefill_s: facts?.prefillSeconds ?? null,
  };
}

/** Omitted if steps are not awaited: what one takes by itself is then in their time. */
function firstStepField(green: GreenCase | null) {
  if (green === null || green.elsewhere === null || green.decoding === null) return {};
  return { first_step_s: green.decoding.firstStepSeconds };
}

/** JSON has no NaN and no infinity; the reason says what happened. */
function finiteOrNull(value: number | null | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
