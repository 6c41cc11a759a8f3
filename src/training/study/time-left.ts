import type { StudyLine, TrainedLine } from "../../record/schema/learning-lines.ts";
import { type RunName, runsLeftOf } from "./next-runs.ts";
import { type RunSeconds, tabledSeconds } from "./run-costs.ts";

/** How long a study will still take. */
export interface TimeLeft {
  readonly seconds: number;
  /** Whether anything of this study was seen: if not, it goes by what runs took on another machine. */
  readonly seen: boolean;
}

/** A run, from its beginning on a clock. */
interface Going {
  readonly cell: string;
  readonly begun: number;
  /** The share of its steps at its last look, and when that was. */
  share: number;
  looked: number;
}

/** The share of a run that counts as if the runs of all cells had taken it, while none of a cell's own has ended. */
const OF_OTHERS = 0.25;

/** Seconds that were expected and that it took. */
interface Pace {
  expected: number;
  took: number;
}

/**
 * Says how long a study will still take. Each run is expected to take what a table says, or where the cell was trained before what
 * that took; all of it is then multiplied by how much longer the runs of this session take than that: those of the same cell if
 * there are any, all of them otherwise. Before the first look of the first run nothing is known of this machine. The fewest runs
 * count: a best rate at an end of those tried brings one or two more.
 */
export class StudyClock {
  readonly #study: StudyLine;
  readonly #workers: number;
  readonly #expected: ReadonlyMap<string, RunSeconds>;
  /** Whether runs of an earlier session told what to expect. */
  readonly #isKnown: boolean;
  readonly #going = new Map<string, Going>();
  /** Of the runs that ended, by cell. */
  readonly #ended = new Map<string, Pace>();

  constructor(study: StudyLine, already: readonly TrainedLine[], workers: number) {
    this.#study = study;
    this.#workers = workers;
    const known = already.filter(({ outcome }) => outcome === "trained");
    this.#isKnown = known.length > 0;
    this.#expected = expectedSeconds(study, known);
  }

  begin(key: string, { cell }: RunName, now: number): void {
    this.#going.set(key, { cell, begun: now, share: 0, looked: now });
  }

  look(key: string, share: number, now: number): void {
    const going = this.#going.get(key);
    if (going === undefined) return;
    going.share = share;
    going.looked = now;
  }

  /** A run has ended; of one that was not `trained` to its end nothing follows for others. */
  end(key: string, trained: boolean, now: number): void {
    const going = this.#going.get(key);
    this.#going.delete(key);
    if (going === undefined || !trained) return;
    const { cell, begun } = going;
    const pace = this.#ended.get(cell) ?? { expected: 0, took: 0 };
    pace.expected += wholeOf(this.#secondsOf(cell));
    pace.took += now - begun;
    this.#ended.set(cell, pace);
  }

  left(runs: readonly TrainedLine[], now: number): TimeLeft {
    const paces = this.#paces();
    const overall = ratioOf([...paces.values()]);
    let work = 0;
    let longest = 0;
    for (const cell of this.#study.cells) {
      const expected = wholeOf(this.#secondsOf(cell.cell));
      const own = paces.get(cell.cell);
      const whole = expected * (own === undefined ? overall : this.#ratio(cell.cell, own, expected, overall));
      const going = [...this.#going.values()].filter((one) => one.cell === cell.cell);
      const remaining = going.map(({ begun }) => Math.max(0, whole - (now - begun)));
      const { choosing, tests } = runsLeftOf(this.#study, cell, runs);
      const waiting = Math.max(0, choosing + tests - going.length);
      work += remaining.reduce((sum, one) => sum + one, waiting * whole);
      const isWaited = (choosing > 0 ? choosing : tests) > going.length;
      const first = Math.max(0, ...remaining, isWaited ? whole : 0);
      // Tests wait for their rate to be chosen.
      longest = Math.max(longest, first + (choosing > 0 && tests > 0 ? whole : 0));
    }
    return { seconds: Math.max(work / this.#workers, longest), seen: paces.size > 0 || this.#isKnown };
  }

  /** What was expected and what it took, by cell, as far as was seen in this session. */
  #paces(): ReadonlyMap<string, Pace> {
    const paces = new Map([...this.#ended].map(([cell, pace]) => [cell, { ...pace }]));
    for (const { cell, begun, share, looked } of this.#going.values()) {
      if (share === 0) continue;
      const { besides, steps } = this.#secondsOf(cell);
      const pace = paces.get(cell) ?? { expected: 0, took: 0 };
      pace.expected += besides + share * steps;
      pace.took += looked - begun;
      paces.set(cell, pace);
    }
    return paces;
  }

  /** A cell's own ratio; until one of its runs has ended, the beginning of one counts beside what all cells say. */
  #ratio(cell: string, own: Pace, expected: number, overall: number): number {
    if (this.#ended.has(cell)) return ratioOf([own]);
    const others = expected * OF_OTHERS;
    return ratioOf([own, { expected: others, took: overall * others }]);
  }

  #secondsOf(cell: string): RunSeconds {
    return this.#expected.get(cell) ?? { besides: 0, steps: 0 };
  }
}

/** What runs of each cell are expected to take: by the table, times what earlier ones took over that. */
function expectedSeconds(
  { cells, tasks }: StudyLine,
  known: readonly TrainedLine[],
): ReadonlyMap<string, RunSeconds> {
  const tabled = new Map(
    cells.flatMap((cell) => {
      const task = tasks.find((one) => one.task === cell.task);
      return task === undefined ? [] : [[cell.cell, tabledSeconds(cell, task)]];
    }),
  );
  const paceOf = ({ cell, processor_s: took }: TrainedLine): Pace => ({
    expected: wholeOf(tabled.get(cell) ?? { besides: 0, steps: 0 }),
    took: took ?? 0,
  });
  const overall = ratioOf(known.map(paceOf));
  return new Map(
    [...tabled].map(([cell, { besides, steps }]) => {
      const own = known.filter((run) => run.cell === cell).map(paceOf);
      const ratio = own.length > 0 ? ratioOf(own) : overall;
      return [cell, { besides: ratio * besides, steps: ratio * steps }];
    }),
  );
}

/** How much longer it took than was expected; 1 if nothing was. */
function ratioOf(paces: readonly Pace[]): number {
  const expected = paces.reduce((sum, one) => sum + one.expected, 0);
  return expected > 0 ? paces.reduce((sum, one) => sum + one.took, 0) / expected : 1;
}

function wholeOf({ besides, steps }: RunSeconds): number {
  return besides + steps;
}
