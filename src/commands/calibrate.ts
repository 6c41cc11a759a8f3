import { existsSync } from "node:fs";
import { relative } from "node:path";
import process from "node:process";
import { GATE_DEFAULTS } from "../core/defaults.ts";
import { FailureError, printable, UsageError } from "../core/errors.ts";
import { packageRoot } from "../files/package-root.ts";
import { type Calibration, calibrationOf, type Rate } from "../gate/judge/calibration.ts";
import { blocksPath } from "../library/gate-session/blocks-file.ts";
import { decisionsFor } from "../library/gate-session/decisions.ts";
import { measurePaired, refusePlanWith, turnsOf } from "../library/gate-session/session.ts";
import type { TypedChoices } from "../library/plan-options.ts";
import { awaitBlocks, type ReadBlocks } from "../record/read-blocks.ts";
import { GATE_RULE } from "../stats/two-stage-rule.ts";
import { formatPercent } from "../text/format.ts";
import { quotedPath } from "../text/shell-quoted.ts";
import { textColumns } from "../text/text-columns.ts";
import { parseDuration, parseInteger } from "../text/units.ts";
import { hostOf } from "./host-of.ts";
import { noteInterrupted } from "./interrupted.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";
import { progressDisplay } from "./run-progress.ts";

/** What was typed; undefined if it was not. */
export interface CalibrateOptions {
  readonly base: string | undefined;
  readonly plan: TypedChoices;
  readonly cells: readonly string[];
  readonly runs: string | undefined;
  readonly blocks: string | undefined;
  /** Percent. */
  readonly inject: string | undefined;
  /** Time of calls that a cell takes in a block. */
  readonly cellTime: string | undefined;
  readonly budget: string | undefined;
  readonly out: string | undefined;
  readonly resume: string | undefined;
  readonly from: string | undefined;
  readonly json: boolean;
}

/** Runs gates of base against itself, with or without a known slow-down, and reports how they came out. */
export async function calibrate(options: CalibrateOptions, io: Io): Promise<ExitCode> {
  if (options.from !== undefined) {
    const { base, plan, cells, runs, blocks, inject, cellTime, budget, out, resume } = options;
    const typed = { base, ...plan, cells, runs, blocks, inject, cellTime, budget, out, resume };
    refusePlanWith("--from", typed);
  }
  const side = options.base === undefined ? "" : `--base ${quotedPath(options.base)} `;
  const path = options.from ?? (await measure(options, io));
  const resume = `attnbench calibrate ${side}--resume ${quotedPath(path)}`;
  // The signal is not asked for before a pipe is read: until then an interrupt ends the process.
  if (options.from === undefined && io.signal.aborted && !existsSync(path)) {
    noteInterrupted(path, resume, io);
    return EXIT.failed;
  }
  const blocks = await awaitBlocks(path);
  refuseTwoVersions(blocks, path);
  const calibration = calibrationOf(blocks);
  if (io.signal.aborted && calibration.inconclusive.of === 0) note(io, "no run finished");
  else if (options.json) print(io, JSON.stringify(calibration, null, 2));
  else print(io, ...texts(calibration, io.columns));
  if (options.from === undefined) note(io, `blocks: ${printable(path)}`);
  if (io.signal.aborted) {
    noteInterrupted(path, resume, io);
    return EXIT.failed;
  }
  if (calibration.inconclusive.of === 0) {
    throw new FailureError("calibrate: no run finished; allow more with --budget, or resume with --resume");
  }
  const seen = calibration.cells.some(({ detectable }) => detectable <= blocks.gate.plan.rule.ungatedAbove);
  return seen ? EXIT.fine : EXIT.inconclusive;
}

/** Measures, and returns the file of the blocks. */
async function measure(options: CalibrateOptions, io: Io): Promise<string> {
  const { plan, cells, resume, base = ownFolder() } = options;
  if (resume !== undefined) {
    const { runs, blocks, inject, budget, cellTime, out } = options;
    refusePlanWith("--resume", { ...plan, cells, runs, blocks, inject, budget, cellTime, out });
  }
  const path = resume ?? blocksPath(options.out ?? GATE_DEFAULTS.calibration, "calibration", io.today());
  const session = {
    base,
    head: base,
    typed: plan,
    cells,
    method: methodOf(options),
    path,
    resume: resume !== undefined,
  };
  const display = progressDisplay(io);
  try {
    // What each of many runs decides is not worth reporting.
    const decisions = decisionsFor(new Map(), () => {});
    await measurePaired(session, decisions, hostOf(io, display.update));
  } finally {
    display.stop();
  }
  return path;
}

/** This checkout, as one would type it here: files are shown to others, and need not reveal where it lies. */
function ownFolder(): string {
  return relative(process.cwd(), packageRoot()) || ".";
}

const LIMITS = { runs: 10_000, blocks: 256 } as const;

function methodOf({ runs, blocks, inject, budget, cellTime }: CalibrateOptions) {
  const stage2Blocks =
    blocks === undefined ? GATE_RULE.stage2Blocks : parseInteger("--blocks", blocks, 2, LIMITS.blocks);
  return {
    runs: runs === undefined ? GATE_DEFAULTS.runs : parseInteger("--runs", runs, 1, LIMITS.runs),
    rule: { ...GATE_RULE, stage2Blocks },
    inject: inject === undefined ? 0 : parseInject(inject),
    budget_s: budget === undefined ? null : parseDuration("--budget", budget),
    ...turnsOf(cellTime),
  };
}

function parseInject(text: string): number {
  const percent = /^\d{1,2}(\.\d{1,3})?\s?%?$/.test(text.trim()) ? Number.parseFloat(text) : Number.NaN;
  if (percent > 0) return percent / 100;
  throw new UsageError(
    `--inject: must be a percentage above 0 and below 100 such as 5, got '${printable(text, 40)}'`,
  );
}

function refuseTwoVersions({ gate }: ReadBlocks, path: string): void {
  if (gate.base.code_sha256 === gate.head.code_sha256) return;
  throw new UsageError(
    `calibrate: ${printable(path)} must hold base against itself, got two versions; judge it with attnbench gate --from`,
  );
}

function texts(
  { inject, aim, cells, falseAlarms, falseCells, detected, inconclusive }: Calibration,
  width: number,
) {
  const sorted = cells.toSorted((a, b) => a.detectable - b.detectable);
  const columns = [
    { head: "block sd", cells: sorted.map(({ deviation }) => formatPercent(deviation)) },
    { head: "seen 9 in 10", cells: sorted.map(({ detectable }) => `from ${formatPercent(detectable)}`) },
    {
      head: `blocks for ${formatPercent(aim)}`,
      cells: sorted.map(({ blocks }) => (blocks === null ? "over 256" : `${blocks}`)),
    },
    ...(sorted.some(({ mean }) => mean !== null) ? meanColumns(sorted) : []),
  ];
  const names = { head: "cell", cells: sorted.map((one) => printable(one.case, 60)) };
  return [
    ...textColumns(names, columns, width),
    "",
    `runs with a false alarm: ${rateText(falseAlarms)}`,
    `unchanged cells called changed: ${rateText(falseCells)}`,
    ...(detected === null ? [] : [`slow-downs of ${formatPercent(inject)} found: ${rateText(detected)}`]),
    `runs without a result: ${rateText(inconclusive)}`,
  ];
}

/** What is detectable in means, for the same cells. */
function meanColumns(cells: Calibration["cells"]) {
  const told = (of: (mean: NonNullable<Calibration["cells"][number]["mean"]>) => string) =>
    cells.map(({ mean }) => (mean === null ? "–" : of(mean)));
  return [
    { head: "mean sd", cells: told(({ deviation }) => formatPercent(deviation)) },
    { head: "in the mean", cells: told(({ detectable }) => `from ${formatPercent(detectable)}`) },
  ];
}

function rateText({ count, of, interval }: Rate): string {
  if (interval === null) return "none could be judged";
  const { low, high } = interval;
  return `${count} of ${of} (95 % interval ${formatPercent(low)} to ${formatPercent(high)})`;
}
