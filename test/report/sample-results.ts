import { randomStream } from "../../src/core/random.ts";
import { withSketches } from "../../src/library/sketches.ts";
import { type Results, summarize } from "../../src/record/case-row.ts";
import type { CaseLine, PlannedCase, ResultLine, RunLine } from "../../src/record/schema/result-lines.ts";

export interface SampleOptions {
  /** Names beyond the seven known ones are made up. */
  variants?: number;
  lengths?: readonly number[];
  rounds?: number;
  kernels?: readonly string[];
  /** Relative noise of a round. */
  noise?: number;
  /** Turns a case into another one before it is summed up. */
  alter?: (line: CaseLine) => CaseLine;
  warnings?: readonly string[];
  name?: string;
}

/** Useful FLOPs of one call by length and the declared exponent, with constants in the manner of the real variants. */
const laws: readonly (readonly [id: string, exponent: number, flops: (n: number) => number])[] = [
  ["full", 2, (n) => 256 * n * n],
  ["local", 1, (n) => 256 * 257 * n],
  ["stride", 2, (n) => 10 * n * n],
  ["global", 1, (n) => 256 * 130 * n],
  ["longformer", 1, (n) => 256 * 290 * n],
  ["bigbird", 1, (n) => 256 * 450 * n],
  ["linear", 1, (n) => 256 * 65 * n],
];

/** Results of a run that never was: the laws above at 4 GFLOP/s plus an overhead a call, with seeded noise. */
export function sampleResults(options: SampleOptions = {}): Results {
  const { variants = 7, lengths = [256, 512, 1024, 2048, 4096], rounds = 8, kernels = ["js"] } = options;
  const { noise = 0.02, alter = (line) => line, warnings = [], name = "sample.jsonl" } = options;
  const random = randomStream(7);
  const lines: ResultLine[] = [];
  for (const [index, kernel] of kernels.entries()) {
    for (const [variant, exponent, flops] of chosenLaws(variants)) {
      for (const length of lengths) {
        const line = alter(sampleCase(variant, kernel, length, exponent, flops(length)));
        lines.push(line);
        if (line.outcome !== "measured") continue;
        const seconds = (flops(length) / 4e9) * 0.4 ** index + 2e-5;
        for (let round = 0; round < rounds; round++) {
          const center = seconds * Math.exp(noise * random.gaussian());
          const samples = Array.from({ length: 5 }, () => center * Math.exp((noise / 3) * random.gaussian()));
          lines.push({
            type: "round",
            case: line.case,
            round,
            samples,
            calls: 1,
            at_s: round * 10,
            load: 0.3,
            steal: 0,
            involuntary_switches: 2,
            warnings: [...warnings],
          });
        }
      }
    }
  }
  return withSketches(summarize(name, sampleRun(lines, rounds), lines));
}

function chosenLaws(count: number): typeof laws {
  const invented = Array.from({ length: Math.max(0, count - laws.length) }, (_, index) => {
    const exponent = index % 3 === 0 ? 2 : 1;
    return [
      `plugin-${index + 1}`,
      exponent,
      (n: number) => (exponent === 2 ? 12 * (index + 1) * n * n : 256 * 60 * (index + 1) * n),
    ] as const;
  });
  return [...laws, ...invented].slice(0, count);
}

/** A forward pass that passed its gate. */
export function sampleCase(
  variant: string,
  kernel: string,
  length: number,
  exponent: number,
  flops: number,
): CaseLine {
  return {
    type: "case",
    case: `${variant}/${kernel}/${length}`,
    variant,
    title: variant,
    kernel,
    length,
    batch: 1,
    heads: 1,
    head_dim: 64,
    causal: false,
    threads: 1,
    params: variant === "local" ? { window: 128 } : {},
    exponent,
    input: "gaussian",
    outcome: "measured",
    reason: null,
    prepare_s: 1e-4,
    pairs: variant === "linear" ? null : flops / 256,
    useful_flops: flops,
    executed_flops: flops * 1.1,
    bytes: length * 4096,
    workspace_bytes: 65_536,
    gate_error: 3e-7,
    gate_budget: 2e-6,
    gate_rows: 64,
    fidelity_error: variant === "full" ? 2e-7 : 0.4,
  };
}

function plannedCase(line: CaseLine): PlannedCase {
  const { variant, kernel, length, batch, heads, head_dim, causal, threads, params, mode } = line;
  const identity = {
    case: line.case,
    variant,
    kernel,
    length,
    batch,
    heads,
    head_dim,
    causal,
    threads,
    params,
    ...(mode === undefined ? {} : { mode }),
  };
  return { ...identity, useful_flops: line.useful_flops ?? 0, predicted_s: 1e-3, unsupported: null };
}

/** The run of such lines, on a machine that never was. */
export function sampleRun(lines: readonly ResultLine[], rounds: number): RunLine {
  return {
    type: "run",
    schema: 1,
    started: "2026-01-02T03:04:05.000Z",
    plan: {
      seed: 1,
      rounds,
      budget_s: 60,
      deadline_s: 5,
      input: "gaussian",
      plugins: [],
      cases: lines.filter((line) => line.type === "case").map(plannedCase),
    },
    environment: {
      cpu: "Example CPU @ 3.00GHz",
      cores: 8,
      caches: { L1d: 49_152, L2: 2_097_152, L3: 31_457_280 },
      memory_bytes: 16 * 1024 ** 3,
      governor: "performance",
      on_battery: false,
      os: "Linux 6.1",
      node: "v26.10.0",
      v8: "14.0",
      flags: ["--expose-gc"],
      load: 0.2,
      steal: 0,
      timer_resolution_s: 1e-7,
      attnbench: "0.1.0",
      commit: "0123456789abcdef0123456789abcdef01234567",
      dirty: true,
      lockfile_sha256: "ab".repeat(32),
      cpu_features: { avx2: true, fma: true, avx512f: false },
      ceilings: [
        { build: "wide", threads: 1, flops_per_s: 1e10 },
        { build: "relaxed", threads: 1, flops_per_s: 6e9 },
      ],
      read_bandwidth_bytes_per_s: 2e10,
    },
  };
}
