import { type FailureError, printable } from "../core/errors.ts";
import type { Refusal } from "./run-under-way.ts";
import type { StudyLine, TrainedLine } from "./schema/learning-lines.ts";
import type { FileLine } from "./schema/result-lines.ts";

/** What a results file says of learning. */
export interface Learned {
  readonly study: StudyLine;
  /** In the order in which they ended. */
  readonly runs: readonly TrainedLine[];
}

/** Whether a line says what was, or is to be, learned. */
export function isLearned(line: FileLine): line is StudyLine | TrainedLine {
  return line.type === "study" || line.type === "trained";
}

/** What names a run of a study. */
export function trainedKey({
  cell,
  role,
  rate,
  seed,
}: Pick<TrainedLine, "cell" | "role" | "rate" | "seed">): string {
  return JSON.stringify([cell, role, rate, seed]);
}

/**
 * What the lines of a file say of learning, null if nothing: one study, then its runs, each of a cell that it has, by a seed of
 * its role, once; of one that failed the last line counts.
 */
export function learnedIn<Place>(
  refusal: Refusal<Place>,
  lines: readonly { readonly line: StudyLine | TrainedLine; readonly place: Place }[],
): Learned | null {
  let study: StudyLine | null = null;
  const runs = new Map<string, TrainedLine>();
  for (const { line, place } of lines) {
    const refuse = (rule: string): FailureError => refusal(place, rule);
    if (line.type === "study") {
      if (study !== null) throw refuse("a file must hold one study, got a second");
      refuseImpossible(line, refuse);
      study = line;
      continue;
    }
    const name = `'${printable(line.cell, 80)}'`;
    const cell = study?.cells.find((one) => one.cell === line.cell);
    if (study === null || cell === undefined) {
      throw refuse(`what was trained must be a cell of a study above it, got ${name}`);
    }
    if (cell.unsupported !== null) throw refuse(`what was trained must be supported, got ${name}`);
    const seeds = line.role === "test" ? study.test_seeds : study.choosing_seeds;
    if (!seeds.includes(line.seed)) {
      throw refuse(`a run must have a seed of its role, got ${line.seed} of ${name}`);
    }
    const key = trainedKey(line);
    // One that failed is tried again when its study is resumed.
    if ((runs.get(key)?.outcome ?? "failed") !== "failed") {
      throw refuse(`a run of a cell must appear once, got one of ${name} again`);
    }
    runs.delete(key);
    runs.set(key, line);
  }
  return study === null ? null : { study, runs: [...runs.values()] };
}

/** Cells and tasks are looked up by their names, and no rate is chosen by what is reported. */
function refuseImpossible(
  { tasks, cells, choosing_seeds: choosing, test_seeds: tests }: StudyLine,
  refuse: (rule: string) => FailureError,
): void {
  const names = new Set(tasks.map(({ task }) => task));
  if (names.size < tasks.length) throw refuse("a task of a study must appear once, got one twice");
  if (new Set(cells.map(({ cell }) => cell)).size < cells.length) {
    throw refuse("a cell of a study must appear once, got one twice");
  }
  if (choosing.some((seed) => tests.includes(seed))) {
    throw refuse("seeds that choose rates must be apart from those that are tested");
  }
  const stray = cells.find(({ task }) => !names.has(task));
  if (stray !== undefined) {
    throw refuse(`a cell must be of a task of the study, got '${printable(stray.task, 80)}'`);
  }
}
