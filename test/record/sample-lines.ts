import type {
  CaseLine,
  PlannedCase,
  ResultLine,
  RoundLine,
  RunLine,
} from "../../src/record/schema/result-lines.ts";

/** The lines of a run that never was, as they would lie in a file: its run, then each case followed by its rounds. */
export function sampleLines(options: { cases?: number; rounds?: number } = {}): [RunLine, ...ResultLine[]] {
  const { cases = 2, rounds = 3 } = options;
  const measured = Array.from({ length: cases }, (_, index) => sampleCase(`case-${index}`, 16 << index));
  const lines = measured.flatMap((one): ResultLine[] => [
    one,
    ...Array.from({ length: rounds }, (_, round) => sampleRound(one.case, round)),
  ]);
  return [sampleRun(measured, rounds), ...lines];
}

export function sampleCase(name: string, length: number): CaseLine {
  return {
    type: "case",
    case: name,
    variant: "local",
    kernel: "js",
    length,
    batch: 1,
    heads: 2,
    head_dim: 8,
    causal: false,
    threads: 1,
    params: { window: 4, left: null },
    title: "Local",
    exponent: 1,
    input: "gaussian",
    outcome: "measured",
    reason: null,
    prepare_s: 1e-5,
    pairs: 100,
    useful_flops: 6400,
    executed_flops: 8000,
    bytes: 2048,
    workspace_bytes: 512,
    gate_error: 1e-7,
    gate_budget: 2e-6,
    gate_rows: 16,
    fidelity_error: 0.5,
  };
}

export function sampleRound(name: string, round: number): RoundLine {
  return {
    type: "round",
    case: name,
    round,
    samples: [3e-6 + round * 1e-7, 2e-6, 4e-6],
    calls: 10,
    at_s: round,
    load: 0.5,
    steal: 0,
    involuntary_switches: 1,
    warnings: round === 1 ? ["the machine was busy"] : [],
  };
}

function sampleRun(cases: readonly CaseLine[], rounds: number): RunLine {
  return {
    type: "run",
    schema: 1,
    started: "2026-01-02T03:04:05.000Z",
    plan: {
      seed: 1,
      rounds: Math.max(1, rounds),
      budget_s: 60,
      deadline_s: 20,
      input: "gaussian",
      plugins: ["./mine.ts"],
      simd: "auto",
      cases: cases.map(plannedCase),
    },
    environment: {
      cpu: "Example CPU",
      cores: 2,
      caches: { L1d: 32_768 },
      memory_bytes: 2 ** 33,
      governor: null,
      on_battery: false,
      os: "Linux",
      node: "26.10.0",
      v8: "14.0",
      flags: ["--expose-gc"],
      load: 0.1,
      steal: null,
      timer_resolution_s: 1e-7,
      attnbench: "0.1.0",
      commit: null,
      dirty: null,
      lockfile_sha256: null,
      cpu_features: { avx2: true },
      ceilings: [{ build: "wide", threads: 1, flops_per_s: 1e10 }],
      read_bandwidth_bytes_per_s: 2e10,
    },
  };
}

function plannedCase(line: CaseLine): PlannedCase {
  const { variant, kernel, length, batch, heads, head_dim, causal, threads, params } = line;
  const identity = { variant, kernel, length, batch, heads, head_dim, causal, threads, params };
  return { case: line.case, ...identity, useful_flops: 6400, predicted_s: 1e-6, unsupported: null };
}

/** Lines as they lie in a file. */
export function fileOf(lines: readonly unknown[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}
