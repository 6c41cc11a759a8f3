import type { PatternSketch } from "../core/pattern-sketch.ts";
import type { TableEntry } from "../core/table-one.ts";
import type { Traits } from "../core/traits.ts";
import { median } from "../stats/median.ts";
import { medianInterval } from "../stats/median-interval.ts";
import type { Learned } from "./learned.ts";
import { type LimitColumns, withLimits } from "./limit-columns.ts";
import type { MergedShards, ShardTimes } from "./merged-shards.ts";
import type { CaseLine, ResultLine, RoundLine, RunLine } from "./schema/result-lines.ts";

/**
 * A case with its times summarised and compared with its limits: a row of the CSV, of the table and of the
 * charts.
 */
export interface CaseRow extends TimedCase, LimitColumns {}

/** A case with its times summarised. */
export interface TimedCase extends Omit<CaseLine, "type"> {
  /** Median over rounds of the median within a round, in seconds; null if nothing was measured. */
  readonly median_s: number | null;
  /** Ends of the median's 95 % interval over rounds; null under six rounds. */
  readonly low_s: number | null;
  readonly high_s: number | null;
  readonly min_s: number | null;
  /** Samples in all rounds. */
  readonly samples: number;
  readonly rounds: number;
  /** Warnings of its rounds, each once. */
  readonly warnings: readonly string[];
  /** Medians over the rounds that have them, as `RoundLine` does, in seconds per call; omitted if none has. */
  readonly transfer_s?: number;
  readonly around_s?: number;
  readonly device_s?: number;
  /** The same of parts of a call: their share of a round's calls, of its median call, so that they are part of `median_s`. */
  readonly select_s?: number;
  readonly project_s?: number;
  /** What each shard measured of it, if these are several runs that were merged; omitted of one run. */
  readonly shards?: readonly ShardTimes[];
}

/** A results file as its readers want it. */
export interface Results {
  /** Where it was read from, for captions. */
  readonly name: string;
  readonly run: RunLine;
  readonly rows: readonly CaseRow[];
  readonly rounds: readonly RoundLine[];
  /** The shards of a sweep that were merged into these results; omitted if they are of one run. */
  readonly merged?: MergedShards;
  /** What variants learned; omitted if the file says nothing of that. */
  readonly learned?: Learned;
  /** Pictures of the patterns, if the reader of the file knows its variants. */
  readonly sketches?: readonly PatternSketch[];
  /** Rows of Table 1, if the reader of the file knows its variants. */
  readonly tableOne?: readonly TableEntry[];
  /** Cases that compute the same function as another, with that one: by their names, if the reader of the file knows. */
  readonly twins?: ReadonlyMap<string, string>;
  /** What is known of each of its variants that the reader of the file knows, in the order in which they are listed. */
  readonly traits?: ReadonlyMap<string, Traits>;
}

/** Combines the lines of one run. A later line of the same case replaces an earlier one. */
export function summarize(name: string, run: RunLine, lines: readonly ResultLine[]): Results {
  const cases = new Map<string, CaseLine>();
  const roundsOf = new Map<string, RoundLine[]>();
  for (const line of lines) {
    if (line.type === "case") cases.set(line.case, line);
    else if (line.type === "round") {
      const rounds = roundsOf.get(line.case);
      if (rounds === undefined) roundsOf.set(line.case, [line]);
      else rounds.push(line);
    }
  }
  const timed = [...cases.values()].map((line) => timedCase(line, roundsOf.get(line.case) ?? []));
  const rows = withLimits(timed, run.environment, run.shard?.baseline);
  const rounds = rows.flatMap((row) => roundsOf.get(row.case) ?? []);
  return { name, run, rows, rounds };
}

/** Sums up the rounds of a case. */
export function timedCase(line: CaseLine, rounds: readonly RoundLine[]): TimedCase {
  const { type: _, ...fields } = line;
  if (line.outcome !== "measured") return { ...fields, ...unmeasured };
  if (rounds.length === 0) {
    return { ...fields, ...unmeasured, outcome: "skipped", reason: "the run ended before its first round" };
  }
  const medians = rounds.map((round) => median(round.samples));
  const interval = medianInterval(medians);
  return {
    ...fields,
    median_s: median(medians),
    low_s: interval?.low ?? null,
    high_s: interval?.high ?? null,
    min_s: rounds.reduce((least, round) => Math.min(least, ...round.samples), Number.POSITIVE_INFINITY),
    samples: rounds.reduce((total, round) => total + round.samples.length, 0),
    rounds: rounds.length,
    warnings: [...new Set(rounds.flatMap((round) => round.warnings))],
    ...toldOf(rounds),
  };
}

/** What only some kernels say of their calls: medians of a round, and means of parts of its calls. */
const TOLD = ["transfer_s", "around_s", "device_s"] as const;
const PARTS = ["select_s", "project_s"] as const;

/** The medians of what rounds have only if their calls were waited for, or if the kernel times parts of them. */
function toldOf(
  rounds: readonly RoundLine[],
): Pick<TimedCase, (typeof TOLD)[number] | (typeof PARTS)[number]> {
  const medianOf = (name: string, values: readonly number[]) =>
    values.length === 0 ? [] : [[name, median(values)] as const];
  return Object.fromEntries([
    ...TOLD.flatMap((name) =>
      medianOf(
        name,
        rounds.flatMap((round) => round[name] ?? []),
      ),
    ),
    ...PARTS.flatMap((name) =>
      medianOf(
        name,
        rounds.flatMap((round) => partOfMedian(round[name], round.samples) ?? []),
      ),
    ),
  ]);
}

/** A part's mean over the calls of a round as its share of the median call: means feel the slow calls, medians do not. */
function partOfMedian(part: number | undefined, samples: readonly number[]): number | undefined {
  if (part === undefined) return undefined;
  const whole = samples.reduce((sum, sample) => sum + sample / samples.length, 0);
  return (part / whole) * median(samples);
}

const unmeasured = {
  median_s: null,
  low_s: null,
  high_s: null,
  min_s: null,
  samples: 0,
  rounds: 0,
  warnings: [],
} as const;
