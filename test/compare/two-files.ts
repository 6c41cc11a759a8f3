import { type RandomStream, randomStream } from "../../src/core/random.ts";
import type { Results } from "../../src/record/case-row.ts";
import { summarize } from "../../src/record/case-row.ts";
import type {
  CaseLine,
  PlannedCase,
  ResultLine,
  RoundLine,
  RunLine,
} from "../../src/record/schema/result-lines.ts";
import { sampleCase, sampleLines, sampleRound } from "../record/sample-lines.ts";

export interface FileOptions {
  readonly name?: string;
  readonly variants?: readonly string[];
  readonly lengths?: readonly number[];
  readonly rounds?: number;
  /** Relative noise of a round. */
  readonly noise?: number;
  readonly seed?: number;
  /** How many times as long as usual a cell takes. */
  readonly slow?: (line: CaseLine) => number;
  /** Turns a case into another one; null leaves it out, as where the run ended before it. */
  readonly alter?: (line: CaseLine) => CaseLine | null;
  readonly environment?: Partial<RunLine["environment"]>;
  readonly run?: Partial<Omit<RunLine, "plan" | "environment">>;
  readonly plan?: Partial<RunLine["plan"]>;
}

/** The lines of a file whose cells take a microsecond a token, with noise, as they would lie in it. */
export function fileLines(options: FileOptions = {}): [RunLine, ...ResultLine[]] {
  const { variants = ["full", "local"], lengths = [256, 512, 1024], rounds = 10, seed = 1 } = options;
  const { slow = () => 1, alter = (line) => line } = options;
  const random = randomStream(seed);
  const planned = variants.flatMap((variant) => lengths.map((length) => cellLine(variant, length)));
  const lines = planned.flatMap((one): ResultLine[] => {
    const line = alter(one);
    if (line === null) return [];
    if (line.outcome !== "measured") return [line];
    const rate = 1e-6 * line.length * slow(line);
    return [line, ...Array.from({ length: rounds }, (_, at) => round(line.case, at, rate, options, random))];
  });
  const [run] = sampleLines();
  const plan = { ...run.plan, rounds, cases: planned.map(plannedCase), ...options.plan };
  const environment = { ...run.environment, ...options.environment };
  return [{ ...run, ...options.run, plan, environment }, ...lines];
}

/** The same as its readers get it. */
export function fileResults(options: FileOptions = {}): Results {
  const [run, ...lines] = fileLines(options);
  return summarize(options.name ?? "a.jsonl", run, lines);
}

function cellLine(variant: string, length: number): CaseLine {
  return { ...sampleCase(`${variant}(window=4)/js/b1h2n${length}d8`, length), variant };
}

function round(
  name: string,
  at: number,
  rate: number,
  { noise = 0.005 }: FileOptions,
  random: RandomStream,
): RoundLine {
  const samples = [rate * Math.exp(noise * random.gaussian())];
  return { ...sampleRound(name, at), samples, warnings: [] };
}

function plannedCase(line: CaseLine): PlannedCase {
  const { variant, kernel, length, batch, heads, head_dim, causal, threads, params } = line;
  const identity = { variant, kernel, length, batch, heads, head_dim, causal, threads, params };
  return { case: line.case, ...identity, useful_flops: 1, predicted_s: 1e-6, unsupported: null };
}
