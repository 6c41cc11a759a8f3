import { existsSync } from "node:fs";
import { FailureError, printable } from "../core/errors.ts";
import type { StudyChoices } from "../library/study/options.ts";
import { leftOf, type PreparedStudy, prepareStudy, timeLeftOf, trainStudy } from "../library/study/train.ts";
import { readLines } from "../record/read.ts";
import type { StudyLine } from "../record/schema/learning-lines.ts";
import { ceilingOf, learnedRows } from "../report/learning/learned-rows.ts";
import { LEARNED_NOTE, learnedText } from "../report/tables/learned-table.ts";
import { formatCount } from "../text/format.ts";
import { shareText } from "../text/share-text.ts";
import { quotedPath } from "../text/shell-quoted.ts";
import { textColumns } from "../text/text-columns.ts";
import { hostOf } from "./host-of.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";
import { refuseUnwritableReport, report } from "./report.ts";
import { placesOf } from "./run-places.ts";
import { estimateText, progressDisplay } from "./run-progress.ts";

/** What was typed; undefined if it was not. */
export interface TrainOptions {
  readonly study: Omit<StudyChoices, "workers" | "plugins">;
  readonly workers: string | undefined;
  readonly plugins: readonly string[];
  readonly out: string | undefined;
  readonly addTo: string | undefined;
  readonly resume: string | undefined;
  readonly dryRun: boolean;
  readonly report: boolean;
  readonly json: boolean;
}

/** Trains small models around variants, and writes down what they learn as it goes. */
export async function train(options: TrainOptions, io: Io): Promise<ExitCode> {
  const { study: choices, workers, plugins, out, addTo, resume } = options;
  // A plan alone writes nothing, and makes no folder.
  const path = options.dryRun ? "" : pathOf(options, io);
  const prepared = await prepareStudy({ ...choices, workers, plugins, out, addTo, resume }, path, hostOf(io));
  if (options.dryRun) {
    print(io, ...(options.json ? [JSON.stringify(prepared.study, null, 2)] : planned(prepared, io.columns)));
    return EXIT.fine;
  }
  if (options.report) refuseUnwritableReport(path);
  const ended = await carriedOut(prepared, io);
  if (ended === 0 && !io.signal.aborted) note(io, "nothing was left to do");
  return finish(path, options, io);
}

/** Returns how many runs ended. */
async function carriedOut(prepared: PreparedStudy, io: Io): Promise<number> {
  const display = progressDisplay(io);
  try {
    let ended = 0;
    for await (const _ of trainStudy(prepared, hostOf(io, display.update))) ended++;
    return ended;
  } finally {
    display.stop();
  }
}

/** Reads back what was written, and tells it. */
async function finish(path: string, options: TrainOptions, io: Io): Promise<ExitCode> {
  if (!existsSync(path)) {
    note(io, "interrupted before anything was trained; no file was written");
    return EXIT.failed;
  }
  const { learned } = readLines(path);
  if (learned === null) throw new FailureError(`train: ${printable(path)} holds no study`);
  const rows = learnedRows(learned);
  if (options.json) print(io, JSON.stringify({ file: path, rows }, null, 2));
  else print(io, "", learnedText(rows, io.columns), "", LEARNED_NOTE, "");
  (options.json ? note : print)(io, `wrote ${printable(path)}`);
  if (io.signal.aborted) {
    const plugins = options.plugins.map((name) => `--plugin ${quotedPath(name)} `).join("");
    note(io, `interrupted; resume with: attnbench train ${plugins}--resume ${quotedPath(path)}`);
    return EXIT.failed;
  }
  if (options.report) await report({ files: [path], out: undefined }, io);
  const tests = learned.runs.filter(({ role }) => role === "test");
  if (tests.some(({ outcome }) => outcome === "failed")) return EXIT.failed;
  return tests.some(({ outcome }) => outcome === "diverged") ? EXIT.inconclusive : EXIT.fine;
}

/** Where the study is written, or is already. */
function pathOf({ out, addTo, resume }: TrainOptions, io: Io): string {
  return resume ?? addTo ?? placesOf({ out, resume: undefined, samplesCsv: undefined }, io.today()).results;
}

/** What would be trained, a line a cell. */
function planned(prepared: PreparedStudy, width: number | undefined): readonly string[] {
  const { study } = prepared;
  const cells = {
    head: "variant",
    cells: study.cells.map(({ variant }) => printable(variant, 40)),
  };
  const told = (head: string, of: (cell: StudyLine["cells"][number]) => string) => ({
    head,
    cells: study.cells.map(of),
  });
  const chances = new Map(study.tasks.map((task) => [task.task, task]));
  const lines = textColumns(
    cells,
    [
      told("task", ({ task }) => printable(task, 40)),
      told("learned numbers", ({ parameters }) => (parameters === null ? "–" : formatCount(parameters))),
      told("state", ({ state_numbers: numbers }) => (numbers === null ? "–" : formatCount(numbers))),
      told("reachable", (cell) => {
        const ceiling = ceilingOf(cell, chances.get(cell.task) ?? { chance: 0 });
        return ceiling === null ? "–" : shareText(ceiling);
      }),
      told("rate", ({ rate, unsupported }) =>
        unsupported !== null ? "–" : rate === null ? "to be chosen" : `${rate}`,
      ),
    ],
    width ?? 100,
  );
  const cannot = study.cells.flatMap(({ variant, task, unsupported }) =>
    unsupported === null
      ? []
      : [
          `${printable(variant, 40)} is not trained on ${printable(task, 40)}: it ${printable(unsupported, 200)}`,
        ],
  );
  const { seconds, seen } = timeLeftOf(prepared);
  const time = estimateText(seconds, seen ? "pace" : "elsewhere");
  return [...lines, "", ...cannot, `${leftOf(prepared)} runs at least, ${prepared.workers} at once: ${time}`];
}
