import { withSketches } from "../../src/library/sketches.ts";
import { type Results, summarize } from "../../src/record/case-row.ts";
import type { CaseLine, RoundLine } from "../../src/record/schema/result-lines.ts";
import { type SampleOptions, sampleResults, sampleRun } from "./sample-results.ts";

export interface TrainingOptions extends SampleOptions {
  /** How many times the forward pass the backward pass takes. */
  readonly backward?: (variant: string, length: number) => number;
}

/** What the sample's backward passes take of their forward passes: those of pairs by their products, linear attention more. */
const usual = (variant: string): number => (variant === "linear" ? 4 : variant === "full" ? 2 : 2.6);

/** Bytes of an output and a number for each query, of one head 64 wide. */
const savedBytes = (length: number): number => 4 * length * 65;

/** Results of a run with `--mode train` that never was: the sample's forward passes, and each with its gradients. */
export function sampleTraining({
  backward = usual,
  alter = (line) => line,
  ...options
}: TrainingOptions = {}): Results {
  return grown(options, alter, (line, seconds) => {
    const factor = backward(line.variant, line.length);
    return [
      [{ ...gradientsOf(line, 3), case: `${line.case}/train`, mode: "train" }, seconds * (1 + factor)],
      [line, seconds],
    ];
  });
}

/** Results of a run with `--mode backward` that never was. */
export function sampleBackward({
  backward = usual,
  alter = (line) => line,
  ...options
}: TrainingOptions = {}): Results {
  return grown(options, alter, (line, seconds) => {
    const saved_bytes = savedBytes(line.length);
    const own: CaseLine = {
      ...gradientsOf(line, 2),
      case: `${line.case}/backward`,
      mode: "backward",
      saved_bytes,
    };
    return [[own, seconds * backward(line.variant, line.length)]];
  });
}

/** A case whose products are so many times those of a forward pass; gradients stand for nothing else. */
function gradientsOf(line: CaseLine, times: number): CaseLine {
  const scaled = (flops: number | null) => (flops === null ? null : times * flops);
  return {
    ...line,
    title: `${line.title}, with gradients`,
    useful_flops: scaled(line.useful_flops),
    executed_flops: scaled(line.executed_flops),
    fidelity_error: null,
  };
}

/** Each case of a sample as others, of which each takes so many seconds in place of one. */
function grown(
  options: SampleOptions,
  alter: (line: CaseLine) => CaseLine,
  of: (line: CaseLine, seconds: number) => readonly (readonly [CaseLine, number])[],
): Results {
  const { name, rows, rounds, run } = sampleResults(options);
  const lines = rows.flatMap(({ ...row }) => {
    const own = rounds.filter((round) => round.case === row.case);
    return of(caseOf(row), 1).flatMap(([planned, factor]): readonly (CaseLine | RoundLine)[] => {
      const line = alter(planned);
      if (line.outcome !== "measured") return [line];
      return [
        line,
        ...own.map((round) => ({ ...round, case: line.case, samples: round.samples.map((s) => s * factor) })),
      ];
    });
  });
  return withSketches(
    summarize(name, { ...sampleRun(lines, run.plan.rounds), environment: run.environment }, lines),
  );
}

function caseOf(row: Results["rows"][number]): CaseLine {
  return { ...row, type: "case" };
}
