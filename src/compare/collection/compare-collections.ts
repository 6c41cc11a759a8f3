import { FailureError, printable } from "../../core/errors.ts";
import { hashText, randomStream } from "../../core/random.ts";
import { summarize } from "../../record/case-row.ts";
import type { ListedRuns } from "../../record/collection/open-runs.ts";
import { type StratifiedMean, stratifiedMean } from "../../stats/stratified-mean.ts";
import type { CellChooser, Choosable } from "../cell-filter.ts";
import type { CompareSettings } from "../compare-results.ts";
import { cellEvidence, comparedCell, type TimedCell } from "../compare-times.ts";
import type {
  ComparedCell,
  ComparedGroup,
  Comparison,
  OneSided,
  TimeRatio,
  Unlisted,
  Verdict,
  WorkChange,
} from "../comparison.ts";
import { environmentDifferences, refuseOtherPlace } from "../environment-differences.ts";
import { outcomeOf } from "../fail-on.ts";
import { groupOf } from "../group-cells.ts";
import { headlineOf, reasonsOf } from "../headline.ts";
import { inputDifferences } from "../input-differences.ts";
import { byRound } from "../mean-ratio.ts";
import type { ComparedFile } from "../remarks.ts";
import type { RoundSamples } from "../round-samples.ts";
import { timedCells } from "../timed-cells.ts";
import { workChanges } from "../work-changes.ts";
import { type LoneRun, type PairedRun, pairRuns } from "./pair-runs.ts";
import { sideNotes } from "./side-notes.ts";
import { type JudgedTable, verdictTable } from "./verdict-table.ts";

/** A collection that is open, by the name that captions have for it. */
export interface ComparedCollection {
  readonly name: string;
  readonly runs: ListedRuns;
}

/** A comparison, and the times of the cells that it lists. */
export interface ComparedCollections {
  readonly comparison: Comparison;
  readonly samples: readonly RoundSamples[];
}

/** How far it is. */
export type Observe = (shard: string, done: number, total: number) => void;

/** Cells, and changes of each other kind, that are listed; of more, those that changed most. */
const MOST_LISTED = 1000;

/** Draws of the rounds of each shard, and steps that all of them may take together, a second or two. */
const DRAWS = { least: 100, most: 10_000 } as const;
const STEPS = 2e8;

/**
 * Compares two collections of a sweep, shard by shard, each with the same on the same class of machines: a shard is a process
 * on a machine, and no time is compared with one of another. Cells are judged in view of all of all classes. No more than a
 * shard of each is in memory, and under a hundred bytes of every cell.
 */
export async function compareCollections(
  base: ComparedCollection,
  head: ComparedCollection,
  settings: CompareSettings,
  chooser: CellChooser,
  observe: Observe = () => {},
): Promise<ComparedCollections> {
  const chosen = chooser.chosen();
  const { pairs, lone } = pairRuns(base.runs, head.runs);
  const machines = new Set([...pairs, ...lone].map(({ machine }) => machine));
  const passes = (shard: NamedShard) => (cell: Choosable) => chosen(withName(shard, cell));
  const table = verdictTable();
  const means = meansOf(pairs);
  const notes = sideNotes();
  const found = findings(lone);
  /** Where in the table the cells of each pair begin. */
  const begins: number[] = [];
  const evidenceOf = cellEvidence();
  let cells = 0;
  for (const [at, pair] of pairs.entries()) {
    observe(pair.name, at, pairs.length);
    const [before, after] = await both(base, head, pair);
    const environment = environmentDifferences(before.run.environment, after.run.environment);
    if (!settings.acrossMachines) refuseOtherPlace(environment);
    const input = inputDifferences(before.run, after.run);
    const { timed, oneSided } = timedCells(before, after, passes(pair));
    begins.push(cells);
    cells += timed.length;
    for (const cell of timed) {
      table.add(evidenceOf(cell));
      notes.covered(cell);
    }
    means.add(pair, timed, groupsOf(settings, machines.size, pair));
    notes.add(before, after, environment, input);
    found.add(pair, timed, oneSided, settings, input.length > 0);
  }
  const judged = table.judge(settings.threshold);
  const listed = await listedCells({ base, head, pairs, begins, judged, settings, passes });
  const { work, oneSided } = found;
  const unlisted = unlistedIn(
    judged,
    listed.map(({ cell }) => cell),
    found,
  );
  const seen = { cells: listed.map(({ cell }) => cell), work, oneSided, ...(unlisted && { unlisted }) };
  const outcome = outcomeOf(seen, settings.failOn);
  const whole = { outcome, ...seen };
  if (judged.cells === 0) refuseNothing(base, head, pairs.length, found.count);
  return {
    comparison: {
      kind: "compare",
      base: notes.side("base", base.name),
      head: notes.side("head", head.name),
      ...whole,
      geometricMean: means.all(),
      failsOn: [...settings.failOn],
      headline: headlineOf(whole),
      reasons: reasonsOf(whole, settings.failOn),
      groups: means.groups(),
      differences: notes.differences(),
      trust: notes.trust(),
      remarks: notes.remarks(pairs.length, lone),
      margin: settings.threshold,
    },
    samples: listed.map(({ cell, timed }) => ({
      case: cell.case,
      base: [...timed.baseRounds.values()],
      head: [...timed.headRounds.values()],
    })),
  };
}

/** What tells a shard. */
export type NamedShard = Pick<PairedRun, "machine" | "name">;

/** A cell by the name that it has among those of all shards: `--cells` may name its class, or its shard. */
export function withName<Cell extends { readonly case: string }>(
  { machine, name }: NamedShard,
  cell: Cell,
): Cell {
  return { ...cell, case: `${machine}/${name}/${cell.case}` };
}

async function both(
  base: ComparedCollection,
  head: ComparedCollection,
  pair: PairedRun,
): Promise<readonly [ComparedFile, ComparedFile]> {
  const read = async ({ name, runs }: ComparedCollection, run: PairedRun["base"]): Promise<ComparedFile> => {
    const { run: first, lines, truncated } = await runs.read(run);
    return { ...summarize(name, first, lines), truncated };
  };
  return [await read(base, pair.base), await read(head, pair.head)];
}

/** The names of the groups that a cell of a shard is in: those asked for, or its class if there are several. */
function groupsOf(
  { groupBy }: CompareSettings,
  machines: number,
  { machine }: PairedRun,
): ((cell: TimedCell) => string) | null {
  if (groupBy !== null) return ({ identity }) => groupOf(identity, groupBy);
  return machines > 1 ? () => machine : null;
}

/** The geometric means over all cells and over those of each group, shard by shard. */
function meansOf(pairs: readonly PairedRun[]) {
  const rounds = pairs.reduce(
    (most, { base, head }) => Math.max(most, base.head.plan.rounds, head.head.plan.rounds),
    1,
  );
  const cells = pairs.reduce((sum, { base }) => sum + base.cases, 0);
  const affordable = Math.floor(STEPS / Math.max(1, 2 * rounds * cells));
  const resamples = Math.min(DRAWS.most, Math.max(DRAWS.least, affordable));
  const all = stratifiedMean({ resamples });
  const groups = new Map<string, { cells: number; readonly mean: StratifiedMean }>();
  const addTo = (
    mean: StratifiedMean,
    { name, base }: PairedRun,
    timed: readonly TimedCell[],
    key: number,
  ) => {
    const [before, after] = [
      byRound(timed.map(({ baseRounds }) => baseRounds)),
      byRound(timed.map(({ headRounds }) => headRounds)),
    ];
    mean.add(before, after, randomStream(base.head.plan.seed, hashText(name), key).uniform);
  };
  return {
    add(pair: PairedRun, timed: readonly TimedCell[], group: ((cell: TimedCell) => string) | null) {
      if (timed.length === 0) return;
      addTo(all, pair, timed, 0);
      if (group === null) return;
      for (const [name, some] of Map.groupBy(timed, group)) {
        const known = groups.get(name) ?? { cells: 0, mean: stratifiedMean({ resamples }) };
        known.cells += some.length;
        groups.set(name, known);
        addTo(known.mean, pair, some, hashText(name));
      }
    },
    all: (): TimeRatio | null => ratioOf(all),
    groups: (): readonly ComparedGroup[] =>
      [...groups].flatMap(([name, { cells: count, mean }]) => {
        const time = ratioOf(mean);
        return time === null ? [] : [{ name, cells: count, time }];
      }),
  };
}

function ratioOf(mean: StratifiedMean): TimeRatio | null {
  const found = mean.end();
  return found && { ratio: found.ratio, low: found.low, high: found.high };
}

/** What has no noise in it: what is listed of it, and how much is not. */
function findings(lone: readonly LoneRun[]) {
  const work: WorkChange[] = [];
  const oneSided: OneSided[] = [];
  const left = { work: 0, broken: 0, missing: 0 };
  let count = 0;
  const alone = (one: OneSided) => {
    count++;
    if (oneSided.length < MOST_LISTED) oneSided.push(one);
    else if (one.broken) left.broken++;
    else if (one.side === "base") left.missing++;
  };
  for (const { machine, name, side, run } of lone) {
    const reason = `the shard, of ${run.cases} ${run.cases === 1 ? "case" : "cases"}, is not in that file`;
    alone({ case: `${machine}/${name}`, side, reason, broken: false });
  }
  return {
    work,
    oneSided,
    left,
    get count() {
      return count;
    },
    add(
      shard: PairedRun,
      timed: readonly TimedCell[],
      only: readonly OneSided[],
      { acceptedWork: accepted }: CompareSettings,
      otherInput: boolean,
    ) {
      const incomparable = new Set(otherInput ? (["gate_error"] as const) : []);
      for (const { identity, base, head } of timed) {
        const changes = workChanges(withName(shard, identity).case, base, head, { accepted, incomparable });
        if (work.length + changes.length <= MOST_LISTED) work.push(...changes);
        else left.work += Number(changes.some((one) => !one.accepted));
      }
      for (const one of only) alone(withName(shard, one));
    },
  };
}

interface Listing {
  readonly base: ComparedCollection;
  readonly head: ComparedCollection;
  readonly pairs: readonly PairedRun[];
  readonly begins: readonly number[];
  readonly judged: JudgedTable;
  readonly settings: CompareSettings;
  readonly passes: (shard: NamedShard) => (cell: Choosable) => boolean;
}

/** Cells as they are told, made again from their shards: all if they are few, otherwise those that changed most. */
async function listedCells(listing: Listing): Promise<readonly { cell: ComparedCell; timed: TimedCell }[]> {
  const { base, head, pairs, begins, judged, settings, passes } = listing;
  const wanted = wantedOf(judged);
  for (const { runs } of [base, head]) await runs.rewind();
  const evidenceOf = cellEvidence();
  const told: { cell: ComparedCell; timed: TimedCell }[] = [];
  for (const [at, pair] of pairs.entries()) {
    const [from, to] = [begins[at], begins[at + 1] ?? judged.cells];
    if (!wanted.some((cell) => cell >= from && cell < to)) continue;
    const [before, after] = await both(base, head, pair);
    for (const [index, one] of timedCells(before, after, passes(pair)).timed.entries()) {
      if (!wanted.includes(from + index)) continue;
      const timed = { ...one, identity: withName(pair, one.identity) };
      const compared = comparedCell(
        timed,
        evidenceOf(timed),
        judged.inView(from + index),
        settings.threshold,
      );
      told.push({ cell: { ...compared, machine: pair.machine }, timed });
    }
  }
  return told;
}

/** The places of the cells that are listed, rising. Slower ones come before faster ones. */
function wantedOf({ cells, changed }: JudgedTable): readonly number[] {
  if (cells <= MOST_LISTED) return Array.from({ length: cells }, (_, cell) => cell);
  const weightiest = changed.toSorted(
    (a, b) =>
      Number(a.verdict === "faster") - Number(b.verdict === "faster") || Math.abs(b.log) - Math.abs(a.log),
  );
  return weightiest
    .slice(0, MOST_LISTED)
    .map(({ cell }) => cell)
    .sort((a, b) => a - b);
}

function unlistedIn(
  { cells, counts, sight }: JudgedTable,
  listed: readonly ComparedCell[],
  { left }: ReturnType<typeof findings>,
): Unlisted | null {
  if (listed.length === cells && left.work + left.broken + left.missing === 0) return null;
  const rest: Record<Verdict, number> = { ...counts };
  for (const { verdict } of listed) rest[verdict]--;
  return { cells: rest, ...left, sight };
}

function refuseNothing(
  base: ComparedCollection,
  head: ComparedCollection,
  pairs: number,
  alone: number,
): never {
  const [before, after] = [base, head].map(({ name }) => printable(name, 100));
  throw new FailureError(
    pairs === 0
      ? `compare: a shard must be in ${before} and in ${after}, got none; collect sweeps of one plan`
      : alone === 0
        ? `compare: a cell must be left to compare, got none of ${before} and ${after}; loosen --variants, --lengths, --kernel or --cells`
        : `compare: a cell must be measured in ${before} and in ${after}, got ${alone} that only one has; measure the same in both`,
  );
}
