import yargs, { type Argv, type Options } from "yargs";
import { packageVersion } from "../../files/package-version.ts";
import type { ExitCode, Io } from "../io.ts";
import * as calls from "./calls.ts";
import * as options from "./options.ts";
import { usageError } from "./usage.ts";

/** The commands, with what they take; `end` is given the exit code of the one that was called. */
export function parserOf(words: readonly string[], io: Io, end: (code: ExitCode) => void): Argv {
  const option = (known: Readonly<Record<string, Options>>) => (y: Argv) => y.options(known);
  return (
    yargs([...words])
      .scriptName("attnbench")
      // Its messages are parsed, and turned into ours.
      .locale("en")
      .usage(
        "$0 <command>\n\nBenchmarks efficient attention: every variant is checked against a float64 reference, then timed.",
      )
      .parserConfiguration({
        "boolean-negation": false,
        "camel-case-expansion": false,
        "dot-notation": false,
        "greedy-arrays": false,
        "parse-numbers": false,
        "parse-positional-numbers": false,
      })
      .command("run", "check and time variants across lengths", option(options.runOptions), async (argv) =>
        end(await calls.callRun(argv, io)),
      )
      .command(
        "check [variants..]",
        "verify variants over awkward shapes, and against the laws",
        (y) =>
          y
            .positional("variants", {
              type: "string",
              array: true,
              describe: "ids of variants; all if omitted",
            })
            .options(options.checkOptions),
        async (argv) => end(await calls.callCheck(argv, io)),
      )
      .command(
        "apply <variant>",
        "write a variant's output on your own q, k and v",
        (y) =>
          y
            .positional("variant", { type: "string", describe: "the id of a variant" })
            .options(options.applyOptions),
        async (argv) => end(await calls.callApply(argv, io)),
      )
      .command(
        "doctor",
        "show what this machine can measure, and what would spoil it",
        option(options.doctorOptions),
        async (argv) => end(await calls.callDoctor(argv, io)),
      )
      .command(
        "peers",
        "list kernels of other libraries, which run here, and how to install the others",
        option(options.peersOptions),
        async (argv) => end(await calls.callPeers(argv, io)),
      )
      .command(
        "list",
        "list variants, family by family, and kernels",
        option(options.listOptions),
        async (argv) => end(await calls.callList(argv, io)),
      )
      .command(
        "show <variant>",
        "draw the attention matrix of a variant, or what one query attends",
        (y) =>
          y
            .positional("variant", { type: "string", describe: "the id of a variant" })
            .options(options.showOptions),
        async (argv) => end(await calls.callShow(argv, io)),
      )
      .command(
        "report [files..]",
        "make a page, charts and a summary of results files",
        (y) =>
          y
            .positional("files", {
              type: "string",
              array: true,
              describe: "results files, or what was exported",
            })
            .options(options.reportOptions),
        async (argv) => end(await calls.callReport(argv, io)),
      )
      .command(
        "export <files..>",
        "write results files as tables, for DuckDB, pandas or SQL",
        (y) =>
          y
            .positional("files", {
              type: "string",
              array: true,
              describe: "results files, or what was exported before",
            })
            .options(options.exportOptions),
        async (argv) => end(await calls.callExport(argv, io)),
      )
      .command(
        "page",
        "serve the page that runs the suite in a browser, on this machine alone",
        option(options.pageOptions),
        async (argv) => end(await calls.callPage(argv, io)),
      )
      .command(
        "compare <files..>",
        "compare results files with the first: what became slower, what changed in work",
        (y) =>
          y
            .positional("files", {
              type: "string",
              array: true,
              describe: "results files or what was exported, base first",
            })
            .options(options.compareOptions),
        async (argv) => end(await calls.callCompare(argv, io)),
      )
      .command(
        "train",
        "train small models around variants on tasks, and say what they learn",
        option(options.trainOptions),
        async (argv) => end(await calls.callTrain(argv, io)),
      )
      .command(
        "gate",
        "measure two versions in turn, and fail if the new one is slower",
        option(options.gateOptions),
        async (argv) => end(await calls.callGate(argv, io)),
      )
      .command(
        "bisect",
        "find the first commit that the gate finds slower, by git bisect",
        option(options.bisectOptions),
        async (argv) => end(await calls.callBisect(argv, io)),
      )
      .command(
        "calibrate",
        "find out what a gate can see on this machine, and how often it is wrong",
        option(options.calibrateOptions),
        async (argv) => end(await calls.callCalibrate(argv, io)),
      )
      .command("sweep", "measure a grid in shards, here or on other machines", (y) =>
        sweepCommands(y, io, end),
      )
      .command("history", "keep the numbers of commits, and list what became of them", (y) =>
        y
          .command(
            "add <files..>",
            "add what results files and gates' blocks say of a commit",
            (inner) =>
              inner
                .positional("files", {
                  type: "string",
                  array: true,
                  describe: "results files, or blocks of gates",
                })
                .options(options.historyAddOptions),
            async (argv) => end(await calls.callHistoryAdd(argv, io)),
          )
          .command(
            "list",
            "list series, machines and commits",
            option(options.historyListOptions),
            async (argv) => end(await calls.callHistoryList(argv, io)),
          )
          .command(
            "check",
            "fail if a cell has become slower lately, and say with which commit",
            option(options.historyCheckOptions),
            async (argv) => end(await calls.callHistoryCheck(argv, io)),
          )
          .command(
            "accept <commit>",
            "note that a change is known and wanted",
            (inner) =>
              inner
                .positional("commit", {
                  type: "string",
                  describe: "the commit that it came with: a revision, or how a measured one's hash begins",
                })
                .options(options.historyAcceptOptions),
            async (argv) => end(await calls.callHistoryAccept(argv, io)),
          )
          .command(
            "page",
            "make a page of what became of every cell",
            option(options.historyPageOptions),
            async (argv) => end(await calls.callHistoryPage(argv, io)),
          )
          .command(
            "export",
            "write a history as SQLite, or a part of it",
            option(options.historyExportOptions),
            async (argv) => end(await calls.callHistoryExport(argv, io)),
          )
          .demandCommand(1),
      )
      .option("debug", { type: "boolean", describe: "print the stack of an error" })
      .completion("completion", "print a script that completes commands and options in bash or zsh")
      .epilogue(
        "exit codes: 0 fine, 1 failed, 2 wrong usage, 3 inconclusive; for comparisons also 4 regressed",
      )
      .version(packageVersion())
      .strict()
      .demandCommand(1)
      .exitProcess(false)
      .wrap(100)
      .fail((message: string | null, error: unknown) => {
        throw error ?? usageError(message ?? "", words);
      })
  );
}

/** What is done with sweeps: a plan is begun, or a folder's sweep is gone on with. */
function sweepCommands(y: Argv, io: Io, end: (code: ExitCode) => void): Argv {
  const folder = (known: Readonly<Record<string, Options>>) => (inner: Argv) =>
    inner.positional("folder", { type: "string", describe: "the sweep's folder" }).options(known);
  return y
    .command(
      "$0 <plan>",
      "make a plan's shards, and have them measured",
      (inner) =>
        inner
          .positional("plan", { type: "string", describe: "a plan in YAML: see docs/sweeps.md" })
          .options(options.sweepOptions),
      async (argv) => end(await calls.callSweep(argv, io)),
    )
    .command("status <folder>", "say how far a sweep is", folder(options.sweepStatusOptions), async (argv) =>
      end(await calls.callSweepStatus(argv, io)),
    )
    .command(
      "resume <folder>",
      "have the shards measured that are not done",
      folder(options.sweepResumeOptions),
      async (argv) => end(await calls.callSweepResume(argv, io)),
    )
    .command(
      "cancel <folder>",
      "end all that measures a sweep, and keep what was measured",
      folder(options.sweepCancelOptions),
      async (argv) => end(await calls.callSweepCancel(argv, io)),
    )
    .command(
      "collect <folder>",
      "put the results of shards that are done into one file",
      folder(options.sweepCollectOptions),
      async (argv) => end(await calls.callSweepCollect(argv, io)),
    )
    .command(
      "work <folder>",
      "measure one shard here, as engines have it done",
      folder(options.sweepWorkOptions),
      async (argv) => end(await calls.callSweepWork(argv, io)),
    );
}
