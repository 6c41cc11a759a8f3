import { randomStream } from "../../src/core/random.ts";
import { withSketches } from "../../src/library/sketches.ts";
import { type Results, summarize } from "../../src/record/case-row.ts";
import type { CaseLine, ResultLine } from "../../src/record/schema/result-lines.ts";
import { sampleCase, sampleRun } from "./sample-results.ts";

export interface DecodeOptions {
  /** Of the laws below, the first so many. */
  variants?: number;
  positions?: readonly number[];
  /** The last position at which recomputing is measured; 0 leaves it out. */
  recomputed?: number;
  rounds?: number;
  kernels?: readonly string[];
  /** Relative noise of a round. */
  noise?: number;
  alter?: (line: CaseLine) => CaseLine;
  readRates?: boolean;
  name?: string;
}

/** Keys that the token after so many attends, by variant with the exponent declared of a forward pass; null: a state alone. */
const laws: readonly (readonly [id: string, exponent: number, keys: ((p: number) => number) | null])[] = [
  ["full", 2, (p) => p],
  ["local", 1, (p) => Math.min(p, 129)],
  ["stride", 2, (p) => Math.min(p, 64) + p / 32],
  ["linear", 1, null],
  ["bigbird", 1, (p) => Math.min(p, 448)],
  ["longformer", 1, (p) => Math.min(p, 193)],
  ["global", 1, (p) => Math.min(p, 65)],
];

const KEY_BYTES = 2 * 64 * 4;
const STATE_BYTES = 64 * 65 * 4;

/** Results of a run with `--mode decode` that never was: so many bytes at 20 GB/s plus what a step costs by itself. */
export function sampleDecode(options: DecodeOptions = {}): Results {
  const { variants = 4, positions = [64, 256, 1024, 4096, 16_384, 65_536], recomputed = 4096 } = options;
  const { rounds = 8, kernels = ["js"], noise = 0.02, alter = (line) => line } = options;
  const random = randomStream(11);
  const lines: ResultLine[] = [];
  const add = (planned: CaseLine, seconds: number): void => {
    const line = alter(planned);
    lines.push(line);
    if (line.outcome !== "measured") return;
    for (let round = 0; round < rounds; round++) {
      const center = seconds * Math.exp(noise * random.gaussian());
      const samples = Array.from({ length: 5 }, () => center * Math.exp((noise / 3) * random.gaussian()));
      const quiet = { load: 0.3, steal: 0, involuntary_switches: 2, warnings: [] };
      lines.push({ type: "round", case: line.case, round, samples, calls: 16, at_s: round * 10, ...quiet });
    }
  };
  for (const [index, kernel] of kernels.entries()) {
    for (const [variant, exponent, keys] of laws.slice(0, variants)) {
      for (const position of positions) {
        const seconds = (variant === "full" ? 5e-7 : 3e-6) + bytesOf(keys, position) / 2e10;
        add(stepCase(variant, kernel, position, exponent, keys), seconds * 0.5 ** index);
        if (variant !== "full" || position > recomputed) continue;
        const whole = stepCase(variant, kernel, position, exponent, keys);
        const flops = 100 * position * position;
        const again = {
          exponent,
          pairs: (position * (position + 1)) / 2,
          useful_flops: flops,
          executed_flops: flops,
        };
        const name = `${whole.case}/recompute`;
        const nothing = { state_bytes: null, resident_bytes: null, prefill_s: null };
        add({ ...whole, ...again, ...nothing, case: name, mode: "recompute" }, flops / 8e9 + 2e-5);
      }
    }
  }
  const run = sampleRun(lines, rounds);
  const { readRates = true, name = "decode.jsonl" } = options;
  const environment = readRates ? { ...run.environment, read_rates: rates } : run.environment;
  return withSketches(summarize(name, { ...run, environment }, lines));
}

const rates = [
  { level: "L1d", bytes: 24_576, bytes_per_s: 9e10 },
  { level: "L2", bytes: 1_048_576, bytes_per_s: 5e10 },
  { level: "L3", bytes: 15_728_640, bytes_per_s: 3e10 },
  { level: "memory", bytes: 125_829_120, bytes_per_s: 2.4e10 },
];

type Keys = (typeof laws)[number][2];

function bytesOf(keys: Keys, position: number): number {
  return keys === null ? 2 * STATE_BYTES : KEY_BYTES * keys(position);
}

function stepCase(variant: string, kernel: string, position: number, exponent: number, keys: Keys): CaseLine {
  const pairs = keys === null ? null : keys(position);
  return {
    ...sampleCase(variant, kernel, position, exponent, 200 * (pairs ?? 65)),
    case: `${variant}/${kernel}/${position}/decode`,
    causal: true,
    mode: "decode",
    exponent: Math.max(0, exponent - 1),
    pairs,
    bytes: bytesOf(keys, position),
    state_bytes: keys === null ? STATE_BYTES : bytesOf(keys, position),
    resident_bytes: keys === null ? STATE_BYTES : bytesOf(keys, position),
    prefill_s: position * 1e-6,
  };
}
