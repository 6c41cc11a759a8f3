import type { ShardRun } from "../../../src/record/collection/merge-runs.ts";
import { caseName } from "../../../src/record/schema/identity.ts";
import type {
  CaseLine,
  Environment,
  PlannedCase,
  ResultLine,
  RoundLine,
  RunLine,
} from "../../../src/record/schema/result-lines.ts";

/** A shard that never was: the baseline and some variants in one setting, with the times that are asked for. */
export interface SampleShard {
  readonly machine?: string;
  readonly repeat?: number;
  /** What the plan names; full attention if omitted. */
  readonly baseline?: string;
  readonly variants?: readonly string[];
  readonly lengths?: readonly number[];
  readonly causal?: boolean;
  readonly headDim?: number;
  readonly input?: string;
  readonly rounds?: number;
  /** Seconds of a call in a round. */
  readonly seconds?: (variant: string, length: number, round: number) => number;
  readonly alter?: (line: CaseLine) => CaseLine;
  readonly environment?: Partial<Environment>;
  readonly started?: string;
}

/** Full attention in time quadratic in length, others in linear time. */
export function usualSeconds(variant: string, length: number, round: number): number {
  const steady = variant === "full" ? 1e-9 * length * length : 1e-7 * length * (1 + variant.length / 100);
  return steady * (1 + round / 1000);
}

/** Shards of a sweep called `sample`, in the order given, each with a name of its own. */
export function sampleShards(shards: readonly SampleShard[]): readonly [ShardRun, ...ShardRun[]] {
  const [first, ...others] = shards.map((shard, index) => sampleShard(shard, index));
  return [first, ...others];
}

function sampleShard(shard: SampleShard, index: number): ShardRun {
  const { machine = "here", repeat = 0, variants = ["local"], lengths = [64, 128, 256], rounds = 8 } = shard;
  const baseline = shard.baseline === undefined ? {} : { baseline: shard.baseline };
  const { causal = false, headDim = 16, input = "gaussian", seconds = usualSeconds } = shard;
  const { alter = (line) => line, environment = {}, started = `2026-01-02T03:${10 + index}:00.000Z` } = shard;
  const cases = ["full", ...variants].flatMap((variant) =>
    lengths.map((length) => alter(sampleCase({ variant, length, causal, headDim, input }))),
  );
  const lines = cases.flatMap((line): (CaseLine | RoundLine)[] => [
    line,
    ...(line.outcome === "measured"
      ? Array.from({ length: rounds }, (_, round) =>
          sampleRound(line.case, round, seconds(line.variant, line.length, round)),
        )
      : []),
  ]);
  return {
    run: {
      type: "run",
      schema: 1,
      started,
      plan: {
        seed: 1,
        rounds,
        budget_s: 60,
        deadline_s: 5,
        input,
        plugins: [],
        cases: cases.map(plannedCase),
      },
      environment: { ...sampleEnvironment, ...environment },
      shard: { sweep: "sample", name: index.toString(16).padStart(16, "0"), machine, repeat, ...baseline },
    },
    lines,
  };
}

interface Sized {
  readonly variant: string;
  readonly length: number;
  readonly causal: boolean;
  readonly headDim: number;
  readonly input: string;
}

function sampleCase({ variant, length, causal, headDim, input }: Sized): CaseLine {
  const identity = {
    variant,
    kernel: "js",
    length,
    batch: 1,
    heads: 1,
    head_dim: headDim,
    causal,
    threads: 1,
    params: {},
  };
  return {
    type: "case",
    case: caseName(identity),
    ...identity,
    title: variant,
    exponent: variant === "full" ? 2 : 1,
    input,
    outcome: "measured",
    reason: null,
    prepare_s: 1e-5,
    pairs: length,
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

function plannedCase(line: CaseLine): PlannedCase {
  const { variant, kernel, length, batch, heads, head_dim, causal, threads, params } = line;
  const identity = { variant, kernel, length, batch, heads, head_dim, causal, threads, params };
  return { case: line.case, ...identity, useful_flops: 6400, predicted_s: 1e-6, unsupported: null };
}

function sampleRound(name: string, round: number, seconds: number): RoundLine {
  return {
    type: "round",
    case: name,
    round,
    samples: [seconds * 0.99, seconds, seconds * 1.02],
    calls: 100,
    at_s: round,
    load: 0.1,
    steal: 0,
    involuntary_switches: 0,
    warnings: [],
  };
}

const sampleEnvironment: Environment = {
  cpu: "Example CPU",
  cores: 4,
  cores_allowed: null,
  caches: { L1d: 32_768 },
  memory_bytes: 2 ** 33,
  governor: null,
  on_battery: false,
  os: "Linux",
  node: "26.10.0",
  v8: "14.0",
  flags: [],
  load: 0.1,
  steal: null,
  timer_resolution_s: 1e-9,
  attnbench: "0.1.0",
  commit: "c".repeat(40),
  dirty: false,
  code: { core: "a".repeat(64) },
  lockfile_sha256: null,
  cpu_features: { avx2: true },
  ceilings: [{ build: "wide", threads: 1, flops_per_s: 1e10 }],
  read_bandwidth_bytes_per_s: 2e10,
};

/** The lines of shards one after another, as a collection holds them. */
export function collectionOf(shards: readonly ShardRun[]): string {
  const lines = shards.flatMap(({ run, lines: own }): ResultLine[] => [run, ...own]);
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** What a shard is without being one: the same run alone. */
export function bareRun({ run }: ShardRun): RunLine {
  const { shard: _, ...bare } = run;
  return bare;
}
