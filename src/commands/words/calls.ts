import type { Options } from "yargs";
import { UsageError } from "../../core/errors.ts";
import { refuseTwice } from "../../files/read-whole.ts";
import type { ChangeOptions } from "../../library/history/changes.ts";
import type { HistoryOptions } from "../../library/history/read.ts";
import type { TypedChoices } from "../../library/plan-options.ts";
import type { ComparisonOutputs } from "../comparison-outputs.ts";
import type { ExitCode, Io } from "../io.ts";
import type { ListOptions } from "../list.ts";
import { bisectPlanOptions, bisectRuleOptions, runOptions, tableOptions } from "./options.ts";
import {
  type Given,
  listOption,
  maybeSwitch,
  optionalTextOption,
  positionals,
  switchOption,
  textOption,
  withConfig,
} from "./typed.ts";

// From the words of a command to its arguments. Commands are imported when they are called, so that
// `--help` is quick.

export async function callRun(argv: Given, io: Io): Promise<ExitCode> {
  refuseTwice("run", [textOption(argv, "config"), textOption(argv, "replay")]);
  const given = await withConfig(argv, Object.keys(runOptions));
  const text = (name: string): string | undefined => textOption(given, name);
  const { run } = await import("../run.ts");
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
      table: switchOption(given, "table"),
      browser: text("browser"),
      browserPath: text("browser-path"),
      browserArgs: listOption(given, "browser-args"),
    },
    io,
  );
}

export async function callCheck(argv: Given, io: Io): Promise<ExitCode> {
  const { check } = await import("../check.ts");
  return check(
    {
      mode: textOption(argv, "mode"),
      variants: positionals(argv, "variants"),
      kernel: textOption(argv, "kernel"),
      python: textOption(argv, "python"),
      simd: textOption(argv, "simd"),
      seed: textOption(argv, "seed"),
      scale: textOption(argv, "scale"),
      dtype: textOption(argv, "dtype"),
      set: listOption(argv, "set"),
      plugins: listOption(argv, "plugin"),
      json: switchOption(argv, "json"),
    },
    io,
  );
}

export async function callApply(argv: Given, io: Io): Promise<ExitCode> {
  const text = (name: string): string | undefined => textOption(argv, name);
  const { apply } = await import("../apply.ts");
  return apply(
    {
      mode: text("mode"),
      variant: text("variant") ?? "",
      input: text("input") ?? "",
      tensors: tensorsIn(argv),
      output: text("output") ?? "",
      causal: maybeSwitch(argv, "causal"),
      scale: text("scale"),
      dtype: text("dtype"),
      length: text("length"),
      batch: text("batch"),
      heads: text("heads"),
      kvHeads: text("kv-heads"),
      headDim: text("head-dim"),
      valueDim: text("value-dim"),
      queries: text("queries"),
      layer: maybeSwitch(argv, "layer"),
      modelDim: text("model-dim"),
      positions: text("positions"),
      kernel: text("kernel"),
      python: text("python"),
      simd: text("simd"),
      seed: text("seed"),
      settings: listOption(argv, "set"),
      plugins: listOption(argv, "plugin"),
      json: switchOption(argv, "json"),
    },
    io,
  );
}

export async function callDoctor(argv: Given, io: Io): Promise<ExitCode> {
  const { doctor } = await import("../doctor.ts");
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

export async function callPeers(argv: Given, io: Io): Promise<ExitCode> {
  const { peers } = await import("../peers.ts");
  return peers({ python: textOption(argv, "python"), json: switchOption(argv, "json") }, io);
}

export async function callList(argv: Given, io: Io): Promise<ExitCode> {
  const { list } = await import("../list.ts");
  return list(
    {
      family: textOption(argv, "family"),
      kernel: textOption(argv, "kernel"),
      debug: switchOption(argv, "debug"),
      simd: textOption(argv, "simd"),
      plugins: listOption(argv, "plugin"),
      json: switchOption(argv, "json"),
      table: tableOf(argv),
    },
    io,
  );
}

/** What Table 1 is asked for; undefined if it is not. Refuses options that mean nothing without it. */
function tableOf(argv: Given): ListOptions["table"] {
  if (!switchOption(argv, "table")) {
    const stray = Object.keys(tableOptions).find((name) => argv[name] !== undefined);
    if (stray === undefined) return undefined;
    throw new UsageError(`--${stray}: has a meaning only with --table, and was given without; add --table`);
  }
  return {
    lengths: textOption(argv, "lengths"),
    heads: textOption(argv, "heads"),
    headDim: textOption(argv, "head-dim"),
    causal: switchOption(argv, "causal"),
    settings: listOption(argv, "set"),
  };
}

export async function callShow(argv: Given, io: Io): Promise<ExitCode> {
  const text = (name: string): string | undefined => textOption(argv, name);
  const { show } = await import("../show.ts");
  return show(
    {
      variant: text("variant") ?? "",
      length: text("length"),
      head: text("head"),
      pixel: text("pixel"),
      query: text("query"),
      weights: switchOption(argv, "weights"),
      input: text("input"),
      causal: switchOption(argv, "causal"),
      settings: listOption(argv, "set"),
      format: text("format"),
      plugins: listOption(argv, "plugin"),
    },
    io,
  );
}

export async function callReport(argv: Given, io: Io): Promise<ExitCode> {
  const { report } = await import("../report.ts");
  const files = [...positionals(argv, "files"), ...listOption(argv, "from")];
  return report(
    {
      files,
      out: textOption(argv, "out"),
      title: textOption(argv, "title"),
      formats: textOption(argv, "format"),
      look: textOption(argv, "look"),
      facet: textOption(argv, "facet"),
      open: switchOption(argv, "open"),
    },
    io,
  );
}

export async function callExport(argv: Given, io: Io): Promise<ExitCode> {
  const { exportFiles } = await import("../export.ts");
  return exportFiles(
    {
      files: positionals(argv, "files"),
      format: textOption(argv, "format") ?? "",
      out: textOption(argv, "out") ?? "",
      overwrite: switchOption(argv, "overwrite"),
    },
    io,
  );
}

export async function callPage(argv: Given, io: Io): Promise<ExitCode> {
  const { page } = await import("../page.ts");
  return page(
    {
      port: textOption(argv, "port"),
      out: textOption(argv, "out"),
      open: switchOption(argv, "open"),
    },
    io,
  );
}

export async function callCompare(argv: Given, io: Io): Promise<ExitCode> {
  const text = (name: string): string | undefined => textOption(argv, name);
  const { compare } = await import("../compare.ts");
  return compare(
    {
      files: positionals(argv, "files"),
      choices: {
        threshold: text("threshold"),
        failOn: text("fail-on"),
        acceptWork: acceptedWorkIn(argv),
        acrossMachines: switchOption(argv, "across-machines"),
        variants: text("variants"),
        lengths: text("lengths"),
        kernel: text("kernel"),
        cells: listOption(argv, "cells"),
        groupBy: text("group-by"),
      },
      outputs: outputsIn(argv),
    },
    io,
  );
}

export async function callGate(argv: Given, io: Io): Promise<ExitCode> {
  const text = (name: string): string | undefined => textOption(argv, name);
  const { gate } = await import("../gate.ts");
  return gate(
    {
      choices: {
        base: text("base"),
        head: text("head"),
        ...pairedPlanIn(argv),
        cells: listOption(argv, "cells"),
        blocks: text("blocks"),
        budget: text("budget"),
        cellTime: text("cell-time"),
        out: text("out"),
        resume: text("resume"),
      },
      from: text("from"),
      calibration: text("calibration"),
      settings: {
        acceptWork: acceptedWorkIn(argv),
        acceptMissing: switchOption(argv, "accept-missing"),
      },
      outputs: outputsIn(argv),
    },
    io,
  );
}

export async function callBisect(argv: Given, io: Io): Promise<ExitCode> {
  const text = (name: string): string | undefined => textOption(argv, name);
  const { bisectCommits } = await import("../bisect.ts");
  return bisectCommits(
    {
      choices: {
        good: text("good"),
        bad: text("bad"),
        subject: text("subject"),
        plan: wordsOf(argv, bisectPlanOptions),
        rules: wordsOf(argv, bisectRuleOptions),
        build: optionalTextOption(argv, "build"),
        out: text("out"),
        resume: text("resume"),
      },
      json: switchOption(argv, "json"),
    },
    io,
  );
}

/** Options as they would be typed again, each in one word. */
function wordsOf(given: Given, options: Readonly<Record<string, Options>>): readonly string[] {
  return Object.entries(options).flatMap(([name, option]) => {
    if (option.type === "boolean") {
      const value = maybeSwitch(given, name);
      return value === undefined ? [] : [`--${name}=${value}`];
    }
    if (option.array === true) return listOption(given, name).map((value) => `--${name}=${value}`);
    const value = name === "accept-work" ? optionalTextOption(given, name) : textOption(given, name);
    return value === undefined ? [] : [value === "" ? `--${name}` : `--${name}=${value}`];
  });
}

export async function callTrain(argv: Given, io: Io): Promise<ExitCode> {
  const text = (name: string): string | undefined => textOption(argv, name);
  const { train } = await import("../train.ts");
  return train(
    {
      study: {
        variants: text("variants"),
        tasks: text("tasks"),
        set: listOption(argv, "set"),
        headDims: text("head-dims"),
        rates: text("rates"),
        seeds: text("seeds"),
        steps: text("steps"),
        quick: maybeSwitch(argv, "quick"),
      },
      workers: text("workers"),
      plugins: listOption(argv, "plugin"),
      out: text("out"),
      addTo: text("add-to"),
      resume: text("resume"),
      dryRun: switchOption(argv, "dry-run"),
      report: switchOption(argv, "report"),
      json: switchOption(argv, "json"),
    },
    io,
  );
}

export async function callCalibrate(argv: Given, io: Io): Promise<ExitCode> {
  const text = (name: string): string | undefined => textOption(argv, name);
  const { calibrate } = await import("../calibrate.ts");
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

export async function callSweep(argv: Given, io: Io): Promise<ExitCode> {
  const { sweepPlan } = await import("../sweep/sweep.ts");
  return sweepPlan(
    {
      plan: textOption(argv, "plan") ?? "",
      out: textOption(argv, "out"),
      engine: textOption(argv, "engine"),
      machine: textOption(argv, "machine"),
      filesOnly: switchOption(argv, "files-only"),
      dryRun: switchOption(argv, "dry-run"),
      json: switchOption(argv, "json"),
    },
    io,
  );
}

export async function callHistoryAdd(argv: Given, io: Io): Promise<ExitCode> {
  const text = (name: string): string | undefined => textOption(argv, name);
  const { historyAdd } = await import("../history/add.ts");
  return historyAdd(
    {
      files: positionals(argv, "files"),
      choices: {
        history: text("history"),
        commit: text("commit"),
        baseCommit: text("base-commit"),
        committed: text("committed"),
        dirty: switchOption(argv, "dirty"),
        side: text("side"),
        repository: text("repository"),
      },
      json: switchOption(argv, "json"),
    },
    io,
  );
}

export async function callSweepStatus(argv: Given, io: Io): Promise<ExitCode> {
  const { sweepStatus } = await import("../sweep/status.ts");
  return sweepStatus({ folder: folderIn(argv), json: switchOption(argv, "json") }, io);
}

export async function callSweepResume(argv: Given, io: Io): Promise<ExitCode> {
  const { sweepResume } = await import("../sweep/resume.ts");
  return sweepResume(
    {
      folder: folderIn(argv),
      engine: textOption(argv, "engine"),
      machine: textOption(argv, "machine"),
      filesOnly: switchOption(argv, "files-only"),
    },
    io,
  );
}

export async function callSweepCancel(argv: Given, io: Io): Promise<ExitCode> {
  const { sweepCancel } = await import("../sweep/cancel.ts");
  return sweepCancel({ folder: folderIn(argv) }, io);
}

export async function callSweepCollect(argv: Given, io: Io): Promise<ExitCode> {
  const { sweepCollect } = await import("../sweep/collect.ts");
  return sweepCollect(
    {
      folder: folderIn(argv),
      out: textOption(argv, "out") ?? "",
      partial: switchOption(argv, "partial"),
      json: switchOption(argv, "json"),
    },
    io,
  );
}

export async function callSweepWork(argv: Given, io: Io): Promise<ExitCode> {
  const { sweepWork } = await import("../sweep/work.ts");
  const text = (name: string): string | undefined => textOption(argv, name);
  return sweepWork(
    { folder: folderIn(argv), shard: text("shard"), list: text("list"), index: text("index") },
    io,
  );
}

function folderIn(argv: Given): string {
  return textOption(argv, "folder") ?? "";
}

export async function callHistoryList(argv: Given, io: Io): Promise<ExitCode> {
  const { historyList } = await import("../history/list.ts");
  return historyList({ choices: historyIn(argv), json: switchOption(argv, "json") }, io);
}

export async function callHistoryCheck(argv: Given, io: Io): Promise<ExitCode> {
  const { historyCheck } = await import("../history/check.ts");
  const choices = {
    ...changesIn(argv),
    since: textOption(argv, "since"),
    last: textOption(argv, "last"),
  };
  return historyCheck({ choices, json: switchOption(argv, "json") }, io);
}

export async function callHistoryAccept(argv: Given, io: Io): Promise<ExitCode> {
  const text = (name: string): string | undefined => textOption(argv, name);
  const { historyAccept } = await import("../history/accept.ts");
  return historyAccept(
    {
      commit: text("commit") ?? "",
      cells: listOption(argv, "cells"),
      why: text("why"),
      history: text("history"),
      repository: text("repository"),
      branch: text("branch"),
    },
    io,
  );
}

export async function callHistoryPage(argv: Given, io: Io): Promise<ExitCode> {
  const { historyPage } = await import("../history/page.ts");
  return historyPage(
    {
      choices: changesIn(argv),
      out: textOption(argv, "out"),
      commitUrl: textOption(argv, "commit-url"),
      open: switchOption(argv, "open"),
      json: switchOption(argv, "json"),
    },
    io,
  );
}

/** Whose changes are looked for in which history. */
function changesIn(argv: Given): ChangeOptions {
  return {
    ...historyIn(argv),
    cells: listOption(argv, "cells"),
    threshold: textOption(argv, "threshold"),
    falseAlarms: textOption(argv, "false-alarms"),
  };
}

export async function callHistoryExport(argv: Given, io: Io): Promise<ExitCode> {
  const text = (name: string): string | undefined => textOption(argv, name);
  const { historyExport } = await import("../history/export.ts");
  const history = listOption(argv, "history");
  return historyExport(
    {
      history,
      sqlite: text("sqlite"),
      jsonl: text("jsonl"),
      since: text("since"),
      until: text("until"),
    },
    io,
  );
}

/** Which history is read, and along which commits. */
function historyIn(argv: Given): HistoryOptions {
  return {
    history: listOption(argv, "history"),
    repository: textOption(argv, "repository"),
    branch: textOption(argv, "branch"),
  };
}

/** The names that `--tensors` gave; a shell may have written out its braces, as several words. */
function tensorsIn(given: Given): string | undefined {
  const names = listOption(given, "tensors");
  return names.length === 0 ? undefined : names.join(",");
}

/** What determines a plan, as typed; what a command has no option for is undefined. */
function planIn(given: Given): TypedChoices {
  const text = (name: string): string | undefined => textOption(given, name);
  return {
    mode: text("mode"),
    variants: text("variants"),
    lengths: text("lengths"),
    batch: text("batch"),
    heads: text("heads"),
    kvHeads: text("kv-heads"),
    headDim: text("head-dim"),
    valueDim: text("value-dim"),
    queries: text("queries"),
    layer: maybeSwitch(given, "layer"),
    modelDim: text("model-dim"),
    positions: text("positions"),
    causal: maybeSwitch(given, "causal"),
    scale: text("scale"),
    kernel: text("kernel"),
    python: text("python"),
    threads: text("threads"),
    dtype: text("dtype"),
    simd: text("simd"),
    set: listOption(given, "set"),
    curve: listOption(given, "curve"),
    input: text("input"),
    tensors: tensorsIn(given),
    workloads: optionalTextOption(given, "workloads"),
    seed: text("seed"),
    rounds: text("rounds"),
    budget: text("budget"),
    deadline: text("deadline"),
    plugins: listOption(given, "plugin"),
  };
}

/** The same if two sides are measured in turn: there the budget is the method's, and no curve is drawn. */
function pairedPlanIn(argv: Given): Omit<TypedChoices, "curve"> {
  const { curve: _, ...plan } = planIn(argv);
  return { ...plan, budget: undefined };
}

/** What `--accept-work` names; all work if it names nothing. */
function acceptedWorkIn(argv: Given) {
  const named = optionalTextOption(argv, "accept-work");
  return named === "" ? true : named;
}

function outputsIn(argv: Given): ComparisonOutputs {
  return {
    report: textOption(argv, "report"),
    formats: textOption(argv, "format"),
    annotate: switchOption(argv, "annotate"),
    table: switchOption(argv, "table"),
    json: switchOption(argv, "json"),
  };
}
