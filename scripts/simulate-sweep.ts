import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { hashText, type RandomStream, randomStream } from "../src/core/random.ts";
import { caseName } from "../src/record/schema/identity.ts";
import type { CaseLine, PlannedCase, RoundLine, RunLine } from "../src/record/schema/result-lines.ts";
import { placesIn } from "../src/sweep/folder.ts";
import { type Sweep, writeSweep } from "../src/sweep/sweep-file.ts";

// Writes the shards of a sweep that never was, as large as one likes, to measure what reads them:
// `node scripts/simulate-sweep.ts FOLDER [--shards N] [--cases N] [--rounds N] [--samples N] [--seed N] [--changed SHARE]`.
// What is measured depends on the shard's number alone, times on the seed as well, so that two sweeps of different seeds
// can be compared; of the second a share of the cells is slower.

/** How large a sweep is, and how its times fall. */
export interface SimulatedSweep {
  readonly shards: number;
  /** Of a shard. */
  readonly cases: number;
  /** Of a case. */
  readonly rounds: number;
  /** Of a round. */
  readonly samples: number;
  readonly seed: number;
  /** The share of cells that take a tenth longer. */
  readonly changed: number;
}

/** What issue 24 asks of readers: a million cases and a hundred million samples. */
export const LARGE: SimulatedSweep = {
  shards: 10_000,
  cases: 100,
  rounds: 10,
  samples: 10,
  seed: 1,
  changed: 0,
};

/** A class of machines, with what its processors do in a second. */
interface Machine {
  readonly name: string;
  readonly cpu: string;
  readonly cores: number;
  readonly flops_per_s: number;
}

const MACHINES: readonly Machine[] = [
  { name: "epyc", cpu: "AMD EPYC 9354 32-Core Processor", cores: 64, flops_per_s: 1.1e11 },
  { name: "xeon", cpu: "Intel(R) Xeon(R) Gold 6448Y", cores: 64, flops_per_s: 9e10 },
  { name: "graviton", cpu: "Neoverse-V2", cores: 96, flops_per_s: 5e10 },
  { name: "ryzen", cpu: "AMD Ryzen 9 7950X 16-Core Processor", cores: 32, flops_per_s: 1.6e11 },
  { name: "laptop", cpu: "Intel(R) Core(TM) Ultra 7 155H", cores: 22, flops_per_s: 7e10 },
];

const VARIANTS = [
  { id: "full", title: "Full", exponent: 2 },
  { id: "local", title: "Local", exponent: 1 },
  { id: "stride", title: "Stride", exponent: 2 },
  { id: "longformer", title: "Longformer", exponent: 1 },
  { id: "bigbird", title: "BigBird", exponent: 1 },
  { id: "linear", title: "Linear", exponent: 1 },
  { id: "performer", title: "Performer", exponent: 1 },
  { id: "linformer", title: "Linformer", exponent: 1 },
  { id: "nystromformer", title: "Nyströmformer", exponent: 1 },
  { id: "fnet", title: "FNet", exponent: 1.1 },
] as const;

/** What shards of one class differ in, besides the window of their variants. */
const AXES = {
  head_dim: [32, 64, 128, 256],
  causal: [false, true],
  heads: [1, 2, 4, 8, 16],
  batch: [1, 2, 3, 4, 8],
} as const;

/** Times over a round are alike, and so are those of a case over rounds: shares by which they scatter. */
const SCATTER = { round: 0.01, case: 0.01, sample: 0.005 } as const;
const DISTURBED_ROUNDS = 0.02;
const SLOWER = 1.1;

/** The name of a shard of this number. */
function shardName(index: number): string {
  return createHash("sha256").update(`simulated ${index}`).digest("hex").slice(0, 16);
}

/** The results file of the shard of this number, and its name. */
function simulatedShard(
  sweep: SimulatedSweep,
  index: number,
): { readonly name: string; readonly content: string } {
  const name = shardName(index);
  const machine = MACHINES[index % MACHINES.length];
  const cases = plannedCases(sweep, machine, Math.floor(index / MACHINES.length));
  const random = randomStream(sweep.seed, index);
  const run: RunLine = {
    type: "run",
    schema: 1,
    started: new Date(Date.UTC(2026, 10, sweep.seed) + index * 60_000).toISOString(),
    plan: {
      seed: 1,
      rounds: sweep.rounds,
      budget_s: 900,
      deadline_s: 5,
      input: "gaussian",
      plugins: [],
      simd: "auto",
      cases,
    },
    environment: environmentOf(machine, random),
    input_sha256: null,
    shard: { sweep: "simulated", name, machine: machine.name, repeat: 0 },
  };
  const rounds = cases.map((one) => roundsOf(sweep, one, name, random));
  const lines = [
    run,
    ...cases.map(caseLineOf),
    // Round by round, each with all cases, as a run writes them.
    ...Array.from({ length: sweep.rounds }, (_, round) => rounds.map((all) => all[round])).flat(),
  ];
  return { name, content: lines.map((line) => `${JSON.stringify(line)}\n`).join("") };
}

function plannedCases(sweep: SimulatedSweep, machine: Machine, setting: number): PlannedCase[] {
  const { head_dim, causal, heads, batch } = AXES;
  const at = <T>(values: readonly T[], step: number): T => values[Math.floor(setting / step) % values.length];
  const shape = {
    head_dim: at(head_dim, 1),
    causal: at(causal, 4),
    heads: at(heads, 8),
    batch: at(batch, 40),
  };
  const window = 16 * (1 + Math.floor(setting / 200));
  const lengths = Math.ceil(sweep.cases / VARIANTS.length);
  return Array.from({ length: sweep.cases }, (_, index) => {
    const { id, exponent } = VARIANTS[index % VARIANTS.length];
    const length = 64 * 2 ** (Math.floor(index / VARIANTS.length) % lengths);
    const keys = exponent === 2 ? length : window;
    const identity = {
      variant: id,
      kernel: "wasm",
      length,
      ...shape,
      threads: 1,
      params: id === "full" ? {} : { window, reach: null },
    };
    const useful_flops = 4 * shape.batch * shape.heads * length * keys * shape.head_dim;
    return {
      case: caseName(identity),
      ...identity,
      useful_flops,
      predicted_s: useful_flops / machine.flops_per_s,
      unsupported: null,
    };
  });
}

function caseLineOf({ predicted_s: _, unsupported: __, useful_flops, ...identity }: PlannedCase): CaseLine {
  const { title, exponent } = VARIANTS.find(({ id }) => id === identity.variant) ?? VARIANTS[0];
  const pairs = useful_flops / (4 * identity.batch * identity.heads * identity.head_dim);
  return {
    type: "case",
    ...identity,
    title,
    exponent,
    input: "gaussian",
    pairs,
    useful_flops,
    outcome: "measured",
    reason: null,
    prepare_s: 0.00009273900000006385,
    first_prepare_s: 0.000192739,
    executed_flops: 1.5 * useful_flops,
    bytes: 16 * identity.batch * identity.heads * identity.length * identity.head_dim,
    workspace_bytes: 127616,
    gate_error: 4.225152989700831e-7,
    gate_budget: 0.000006131319314700191,
    gate_rows: 64,
    compared_rows: identity.length,
    fidelity_error: identity.variant === "full" ? 0 : 0.62460048065,
    mean_fidelity_error: 0.85120048065,
  };
}

function roundsOf(
  { rounds, samples, seed, changed }: SimulatedSweep,
  { case: name, predicted_s }: PlannedCase,
  shard: string,
  random: RandomStream,
): RoundLine[] {
  // Which cells changed does not depend on what else was drawn.
  const isChanged = randomStream(seed, hashText(shard), hashText(name)).uniform() < changed;
  const usual = (isChanged ? SLOWER : 1) * Math.max(1e-6, predicted_s);
  const scattered = (share: number) => Math.exp(share * random.gaussian());
  return Array.from({ length: rounds }, (_, round): RoundLine => {
    const ofRound = usual * scattered(SCATTER.round) * scattered(SCATTER.case);
    const isDisturbed = random.uniform() < DISTURBED_ROUNDS;
    const times = Array.from({ length: samples }, () => ofRound * scattered(SCATTER.sample));
    const calls = Math.max(1, Math.ceil(0.002 / usual));
    const wall_s = times.reduce((sum, time) => sum + time, 0) * calls;
    return {
      type: "round",
      case: name,
      round,
      samples: times,
      calls,
      at_s: round * 12.3 + random.uniform(),
      load: Math.round(100 * random.uniform()) / 100,
      steal: 0,
      involuntary_switches: random.below(3),
      wall_s,
      processor_s: wall_s * 0.99,
      threads_seen: 1.002,
      waited_s: isDisturbed ? wall_s / 50 : 0,
      warnings: isDisturbed ? ["preempted 3 times"] : [],
    };
  });
}

function environmentOf({ cpu, cores, flops_per_s }: Machine, random: RandomStream): RunLine["environment"] {
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  return {
    cpu,
    cores,
    caches: { L1d: 49152, L1i: 32768, L2: 1048576, L3: 33554432 },
    memory_bytes: 25276510208,
    governor: "performance",
    on_battery: null,
    os: "Linux 6.18.44 x64",
    node: "26.10.0",
    v8: "14.6.202.34-node.34",
    flags: [],
    load: Math.round(100 * random.uniform()) / 100,
    steal: 0.00043866702968980515,
    timer_resolution_s: 6.999999999379725e-8,
    attnbench: "0.1.0",
    commit: "9c1f35ba6e6acff6e6ff031ad049cbc1957ec231",
    dirty: false,
    changes_sha256: null,
    code: Object.fromEntries(
      ["core", "kernels/js", "kernels/wasm", "mechanisms", "pattern", "timing", "variants", "verify"].map(
        (folder) => [folder, hash(folder)],
      ),
    ),
    lockfile_sha256: hash("lock"),
    kernels: { wasm: "wide e56ff6f6eecc, V8 --experimental-wasm-revectorize" },
    cpu_features: { avx2: true, fma: true, avx512f: true },
    ceilings: [1, 0.5, 0.25].map((share, index) => ({
      build: ["wide", "relaxed", "plain"][index],
      kernel: "wasm",
      threads: 1,
      flops_per_s: share * flops_per_s * Math.exp(0.01 * random.gaussian()),
    })),
    read_bandwidth_bytes_per_s: 42117234248.52428,
  };
}

/** What `sweep.json` of such a sweep holds. */
function simulatedSweepFile({ shards, cases }: SimulatedSweep): Sweep {
  return {
    name: "simulated",
    engine: "local",
    directory: process.cwd(),
    machines: Object.fromEntries(MACHINES.map(({ name }) => [name, {}])),
    shards: Array.from({ length: shards }, (_, index) => ({
      name: shardName(index),
      machine: MACHINES[index % MACHINES.length].name,
      repeat: 0,
      options: {},
      cases,
      predicted_s: 60,
    })),
  };
}

/** Writes the folder of a sweep that is done; returns the bytes of its results. */
export function writeSimulated(folder: string, sweep: SimulatedSweep): number {
  const places = placesIn(folder);
  mkdirSync(places.shards, { recursive: true });
  writeSweep(folder, simulatedSweepFile(sweep));
  let bytes = 0;
  for (let index = 0; index < sweep.shards; index++) {
    const { name, content } = simulatedShard(sweep, index);
    const encoded = Buffer.from(content);
    bytes += encoded.length;
    writeFileSync(places.done(name), encoded);
  }
  return bytes;
}

if (import.meta.main) {
  const names = Object.keys(LARGE) as (keyof SimulatedSweep)[];
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: Object.fromEntries(names.map((name) => [name, { type: "string" } as const])),
  });
  const [folder] = positionals;
  if (folder === undefined) throw new Error("simulate-sweep: a folder must be named, got none");
  const given = Object.entries(values).map(([name, value]) => [name, Number(value)]);
  const sweep: SimulatedSweep = { ...LARGE, ...Object.fromEntries(given) };
  const bytes = writeSimulated(folder, sweep);
  process.stdout.write(`${sweep.shards} shards, ${bytes} bytes, in ${folder}\n`);
}
