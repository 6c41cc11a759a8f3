import { readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import yargs, { type Argv, type Options } from "yargs";
import type { ComparisonOutputs } from "./commands/comparison-outputs.ts";
import { exitCodeOf, failureMessage, outputError } from "./commands/failure.ts";
import { EXIT, type ExitCode, type Io, note } from "./commands/io.ts";
import * as options from "./commands/options.ts";
import { packageRoot } from "./commands/package-root.ts";
import type { PlanArguments } from "./commands/run-options.ts";
import {
  type Given,
  listOption,
  maybeSwitch,
  optionalTextOption,
  positionals,
  switchOption,
  textOption,
  withConfig,
} from "./commands/typed.ts";
import { checkWords, usageError } from "./commands/usage.ts";

/**
 * Wires the command line to the commands: the only reader of argv, and the only place that ends the process. Commands
 * are imported when they are called for, so that `--help` is quick.
 */
export async function main(words: readonly string[], io: Io): Promise<ExitCode> {
  const debug = words.includes("--debug");
  let result: ExitCode = EXIT.fine;
  const parser = commands(words, io, (code) => {
    result = code;
  });
  try {
    if (words.filter((word) => word !== "--debug").length === 0) {
      note(io, await parser.getHelp());
      return EXIT.usage;
    }
    if (words[0] !== COMPLETE) checkWords(words);
    await parser.parse();
    return result;
  } catch (thrown) {
    note(io, failureMessage(thrown, debug));
    return exitCodeOf(thrown);
  }
}

/** What a shell calls to complete half-typed words; these may be anything. */
const COMPLETE = "--get-yargs-completions";

function commands(words: readonly string[], io: Io, end: (code: ExitCode) => void): Argv {
  const option = (known: Readonly<Record<string, Options>>) => (y: Argv) => y.options(known);
  const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
    version: string;
  };
  return yargs([...words])
    .scriptName("attnbench")
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
      end(await runCommand(argv, io)),
    )
    .command(
      "check [variants..]",
      "hold variants to the gate over awkward shapes, and to the laws",
      (y) => y.positional("variants", { type: "string", array: true }).options(options.checkOptions),
      async (argv) => end(await checkCommand(argv, io)),
    )
    .command(
      "apply <variant>",
      "write a variant's output on your own q, k and v",
      (y) => y.positional("variant", { type: "string" }).options(options.applyOptions),
      async (argv) => end(await applyCommand(argv, io)),
    )
    .command(
      "doctor",
      "say what this machine can measure, and what would spoil it",
      option(options.doctorOptions),
      async (argv) => end(await doctorCommand(argv, io)),
    )
    .command("list", "list variants and kernels", option(options.listOptions), async (argv) =>
      end(await listCommand(argv, io)),
    )
    .command(
      "show <variant>",
      "draw the attention matrix of a variant",
      (y) => y.positional("variant", { type: "string" }).options(options.showOptions),
      async (argv) => end(await showCommand(argv, io)),
    )
    .command(
      "report <files..>",
      "make a page, charts and a summary of results files",
      (y) => y.positional("files", { type: "string", array: true }).options(options.reportOptions),
      async (argv) => end(await reportCommand(argv, io)),
    )
    .command(
      "compare <files..>",
      "hold results files against the first of them: what became slower, what changed in work",
      (y) => y.positional("files", { type: "string", array: true }).options(options.compareOptions),
      async (argv) => end(await compareCommand(argv, io)),
    )
    .command(
      "gate",
      "measure two versions in turn, and fail where one is slower",
      option(options.gateOptions),
      async (argv) => end(await gateCommand(argv, io)),
    )
    .command(
      "calibrate",
      "find out what a gate can see on this machine, and how often it errs",
      option(options.calibrateOptions),
      async (argv) => end(await calibrateCommand(argv, io)),
    )
    .option("debug", { type: "boolean", describe: "print the stack of an error" })
    .completion("completion", "print a script that completes commands and options in bash or zsh")
    .epilogue("exit codes: 0 fine, 1 failed, 2 wrong usage; of comparisons also 3 inconclusive, 4 regressed")
    .version(version)
    .strict()
    .demandCommand(1)
    .exitProcess(false)
    .wrap(100)
    .fail((message: string | null, error: unknown) => {
      throw error ?? usageError(message ?? "", words);
    });
}

async function runCommand(argv: Given, io: Io): Promise<ExitCode> {
  const given = withConfig(argv, Object.keys(options.runOptions));
  const text = (name: string): string | undefined => textOption(given, name);
  const { run } = await import("./commands/run.ts");
  return run(
    {
      plan: planIn(given),
      out: text("out"),
      resume: text("resume"),
      replay: text("replay"),
      dryRun: switchOption(given, "dry-run"),
      json: switchOption(given, "json"),
      samplesCsv: optionalTextOption(given, "samples-csv"),
      report: switchOption(given, "report"),
    },
    io,
  );
}

async function checkCommand(argv: Given, io: Io): Promise<ExitCode> {
  const { check } = await import("./commands/check.ts");
  return check(
    {
      mode: textOption(argv, "mode"),
      variants: positionals(argv, "variants"),
      kernel: textOption(argv, "kernel"),
      simd: textOption(argv, "simd"),
      seed: textOption(argv, "seed"),
      plugins: listOption(argv, "plugin"),
      json: switchOption(argv, "json"),
    },
    io,
  );
}

async function applyCommand(argv: Given, io: Io): Promise<ExitCode> {
  const text = (name: string): string | undefined => textOption(argv, name);
  const { apply } = await import("./commands/apply.ts");
  return apply(
    {
      mode: text("mode"),
      variant: text("variant") ?? "",
      input: text("input") ?? "",
      output: text("output") ?? "",
      causal: maybeSwitch(argv, "causal"),
      length: text("length"),
      batch: text("batch"),
      heads: text("heads"),
      headDim: text("head-dim"),
      kernel: text("kernel"),
      simd: text("simd"),
      seed: text("seed"),
      settings: listOption(argv, "set"),
      plugins: listOption(argv, "plugin"),
      json: switchOption(argv, "json"),
    },
    io,
  );
}

async function doctorCommand(argv: Given, io: Io): Promise<ExitCode> {
  const { doctor } = await import("./commands/doctor.ts");
  return doctor(
    {
      threads: textOption(argv, "threads"),
      simd: textOption(argv, "simd"),
      plugins: listOption(argv, "plugin"),
      json: switchOption(argv, "json"),
    },
    io,
  );
}

async function listCommand(argv: Given, io: Io): Promise<ExitCode> {
  const { list } = await import("./commands/list.ts");
  return list(
    {
      simd: textOption(argv, "simd"),
      plugins: listOption(argv, "plugin"),
      json: switchOption(argv, "json"),
    },
    io,
  );
}

async function showCommand(argv: Given, io: Io): Promise<ExitCode> {
  const text = (name: string): string | undefined => textOption(argv, name);
  const { show } = await import("./commands/show.ts");
  return show(
    {
      variant: text("variant") ?? "",
      length: text("length") ?? "32",
      head: text("head") ?? "0",
      causal: switchOption(argv, "causal"),
      settings: listOption(argv, "set"),
      format: text("format") ?? "text",
      plugins: listOption(argv, "plugin"),
    },
    io,
  );
}

async function reportCommand(argv: Given, io: Io): Promise<ExitCode> {
  const { report } = await import("./commands/report.ts");
  const files = positionals(argv, "files");
  return report(
    {
      files,
      out: textOption(argv, "out"),
      title: textOption(argv, "title"),
      formats: textOption(argv, "format"),
      open: switchOption(argv, "open"),
    },
    io,
  );
}

async function compareCommand(argv: Given, io: Io): Promise<ExitCode> {
  const text = (name: string): string | undefined => textOption(argv, name);
  const { compare } = await import("./commands/compare.ts");
  return compare(
    {
      files: positionals(argv, "files"),
      threshold: text("threshold"),
      failOn: text("fail-on"),
      acceptWork: optionalTextOption(argv, "accept-work"),
      acrossMachines: switchOption(argv, "across-machines"),
      filter: {
        variants: text("variants"),
        lengths: text("lengths"),
        kernel: text("kernel"),
        cells: listOption(argv, "cells"),
      },
      groupBy: text("group-by"),
      outputs: outputsIn(argv),
    },
    io,
  );
}

async function gateCommand(argv: Given, io: Io): Promise<ExitCode> {
  const text = (name: string): string | undefined => textOption(argv, name);
  const { gate } = await import("./commands/gate.ts");
  return gate(
    {
      base: text("base"),
      head: text("head"),
      plan: pairedPlanIn(argv),
      cells: listOption(argv, "cells"),
      blocks: text("blocks"),
      cellTime: text("cell-time"),
      budget: text("budget"),
      out: text("out"),
      resume: text("resume"),
      from: text("from"),
      calibration: text("calibration"),
      acceptWork: optionalTextOption(argv, "accept-work"),
      acceptMissing: switchOption(argv, "accept-missing"),
      outputs: outputsIn(argv),
    },
    io,
  );
}

async function calibrateCommand(argv: Given, io: Io): Promise<ExitCode> {
  const text = (name: string): string | undefined => textOption(argv, name);
  const { calibrate } = await import("./commands/calibrate.ts");
  return calibrate(
    {
      base: text("base"),
      plan: pairedPlanIn(argv),
      cells: listOption(argv, "cells"),
      runs: text("runs"),
      blocks: text("blocks"),
      cellTime: text("cell-time"),
      inject: text("inject"),
      budget: text("budget"),
      out: text("out"),
      resume: text("resume"),
      from: text("from"),
      json: switchOption(argv, "json"),
    },
    io,
  );
}

/** What makes a plan, as typed; what a command has no option for is left out. */
function planIn(given: Given): PlanArguments {
  const text = (name: string): string | undefined => textOption(given, name);
  return {
    mode: text("mode"),
    variants: text("variants"),
    lengths: text("lengths"),
    batch: text("batch"),
    heads: text("heads"),
    headDim: text("head-dim"),
    causal: maybeSwitch(given, "causal"),
    kernel: text("kernel"),
    threads: text("threads"),
    simd: text("simd"),
    settings: listOption(given, "set"),
    input: text("input"),
    seed: text("seed"),
    rounds: text("rounds"),
    budget: text("budget"),
    deadline: text("deadline"),
    plugins: listOption(given, "plugin"),
  };
}

/** The same where two sides are measured in turn: there the budget is the method's. */
function pairedPlanIn(argv: Given): PlanArguments {
  return { ...planIn(argv), budget: undefined };
}

function outputsIn(argv: Given): ComparisonOutputs {
  return {
    report: textOption(argv, "report"),
    formats: textOption(argv, "format"),
    annotate: switchOption(argv, "annotate"),
    json: switchOption(argv, "json"),
  };
}

function processIo(): Io {
  let signal: AbortSignal | undefined;
  return {
    out: process.stdout,
    err: process.stderr,
    columns: process.stdout.columns || 100,
    // Only the commands that look at it can be interrupted; the others end at once.
    get signal() {
      signal ??= interrupted();
      return signal;
    },
    now: () => performance.now() / 1000,
    today: () => new Date(),
  };
}

/**
 * Aborted by the first interrupt, so that what was measured is kept. It is heard between calls: one that is under way is
 * computed to its end.
 */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => controller.abort());
  return controller.signal;
}

/** A reader that has seen enough, such as `head`, is no error; a full disk behind `>` is. */
function endWhenPipesClose(state: { finished: boolean }): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      state.finished = true;
      if (error.code === "EPIPE") process.exit(EXIT.fine);
      if (stream === process.stdout) note(processIo(), failureMessage(outputError(error), false));
      process.exit(EXIT.failed);
    });
  }
}

/** What nobody waits for, such as a promise that a plug-in dropped, still ends in one line. */
function endOnStrayErrors(words: readonly string[]): void {
  process.on("uncaughtException", (thrown) => {
    note(processIo(), failureMessage(thrown, words.includes("--debug")));
    process.exit(EXIT.failed);
  });
}

/** A plug-in that ends the process, or waits for what never comes, must not pass for a command that did its work. */
function failUnlessFinished(): { finished: boolean } {
  const state = { finished: false };
  process.once("exit", (code) => {
    if (state.finished || (code !== EXIT.fine && code !== WAITS_FOR_EVER)) return;
    process.exitCode = EXIT.failed;
    writeSync(2, "attnbench: ended before its work was done, by a plug-in or a side's code; mend that\n");
  });
  return state;
}

/** What Node ends with where a promise is waited for that nothing will settle. */
const WAITS_FOR_EVER = 13;

/** Runs the command line of this process. */
export async function start(): Promise<void> {
  const words = process.argv.slice(2);
  const state = failUnlessFinished();
  endWhenPipesClose(state);
  endOnStrayErrors(words);
  process.exitCode = await main(words, processIo());
  state.finished = true;
}

if (import.meta.main) await start();
