import type { Variant } from "../../src/core/variant.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import type { Kernel, ReadyKernel } from "../../src/kernels/kernel.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { type PlanOptions, planRun } from "../../src/plan/plan.ts";
import type { CaseLine, Plan, RoundLine } from "../../src/record/schema/result-lines.ts";
import { type AlreadyDone, type RunContext, roundKey } from "../../src/run/run-context.ts";
import { runPlan } from "../../src/run/run-plan.ts";
import { full } from "../../variants/dense/full.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { local } from "../../variants/sparse/local.ts";
import { strictPast } from "../kernels/hand-written-patterns.ts";
import { clock } from "../timing/slot-on-the-clock.ts";
import { clockedKernel, type Event, type Manner } from "./clocked-kernels.ts";

/** What the kernels were asked to do. */
export const events: Event[] = [];

/** Forgets what came before; for every test. */
export function beginRun(): void {
  clock.seconds = 0;
  events.length = 0;
}

export type Line = CaseLine | RoundLine;
export const nothingDone: AlreadyDone = {
  outcomes: new Map(),
  rounds: new Set(),
  spent: new Map(),
  elapsed: 0,
};

/** A right kernel on the clock, with a manner of its own. */
export function kernel(id: string, manner: Manner = {}): ReadyKernel {
  return clockedKernel(id, clock, events, manner);
}

/** A plan of full and local attention at three short lengths, unless told otherwise. */
export function plan(
  kernels: readonly Kernel[],
  options: Partial<PlanOptions> & { of?: readonly Variant[] } = {},
): Plan {
  const { of = [full, local], ...rest } = options;
  return planRun(
    {
      kinds: builtInKinds,
      variants: of.map((variant) => ({ variant, overrides: {} })),
      kernels,
      lengths: [4, 8, 12],
      batch: 1,
      heads: 1,
      headDim: 4,
      causal: false,
      threads: 1,
      input: "gaussian",
      plugins: [],
      simd: "auto",
      seed: 1,
      rounds: 4,
      budgetSeconds: 1e6,
      deadlineSeconds: 1e5,
      ...rest,
    },
    kernels,
  );
}

/** All lines of a run. */
export async function linesOf(
  planned: Plan,
  kernels: readonly Kernel[],
  overrides: Partial<RunContext> = {},
): Promise<Line[]> {
  const context: RunContext = {
    kinds: builtInKinds,
    variants: [full, local, linear, pastOnly],
    kernels,
    source: syntheticSource("gaussian", planned.seed),
    already: nothingDone,
    memoryBytes: 2 ** 34,
    now: clock.now,
    signal: new AbortController().signal,
    observe: () => {},
    ...overrides,
  };
  return await Array.fromAsync(runPlan(planned, context));
}

export const isCase = (line: Line): line is CaseLine => line.type === "case";
export const isRound = (line: Line): line is RoundLine => line.type === "round";
export const namesOf = (planned: Plan): string[] => planned.cases.map((one) => one.case);

/** The case names of each round, in order. */
export function roundsOf(lines: readonly Line[]): string[][] {
  const rounds: string[][] = [];
  for (const line of lines.filter(isRound)) {
    rounds[line.round] ??= [];
    rounds[line.round].push(line.case);
  }
  return rounds;
}

/** The last word on every case. */
export function verdicts(lines: readonly Line[]): Map<string, CaseLine> {
  return new Map(lines.filter(isCase).map((line) => [line.case, line]));
}

/** Its first row attends nothing. */
export const pastOnly: Variant = softmaxPattern({
  id: "past-only",
  title: "Past only",
  source: "none",
  params: {},
  pattern: () => strictPast,
  exponent: () => 2,
});

/** What a session that wrote these lines has done. */
export function doneBy(lines: readonly Line[]): AlreadyDone {
  return {
    outcomes: new Map(lines.filter(isCase).map((line) => [line.case, line.outcome])),
    rounds: new Set(lines.filter(isRound).map(roundKey)),
    spent: new Map(),
    elapsed: 0,
  };
}
