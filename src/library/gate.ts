import type { Comparison } from "../compare/comparison.ts";
import { parseAcceptedWork } from "../compare/work-changes.ts";
import { UsageError } from "../core/errors.ts";
import { compareBlocks } from "../gate/judge/compare-blocks.ts";
import { pairedSamples } from "../gate/judge/paired-samples.ts";
import { awaitBlocks } from "../record/read-blocks.ts";
import { GATE_RULE } from "../stats/two-stage-rule.ts";
import { parseDuration, parseInteger, type Typed } from "../text/units.ts";
import type { AsTyped } from "./as-typed.ts";
import { acceptedWords, type CompareOptions } from "./compare.ts";
import { blocksPath } from "./gate-session/blocks-file.ts";
import { decisionsFor } from "./gate-session/decisions.ts";
import { type CalibrationFile, noiseOf } from "./gate-session/noise.ts";
import { measurePaired, refusePlanWith, turnsOf } from "./gate-session/session.ts";
import type { Host, ProgressHearing } from "./host.ts";
import type { PlanChoices } from "./plan-options.ts";

/** What defines the cells that are measured alternately. */
export type PairedChoices = Omit<PlanChoices, "curve" | "rounds" | "budget" | "deadline" | "plugins">;

/** What a gate measures, and how. */
export interface GateChoices extends PairedChoices {
  /**
   * The version to compare against: a checkout of attnbench, a plug-in's module, a program such as `mine.py` or
   * `exec:python3 mine.py`, or a peer by its Python, `peer:pytorch@OLD/bin/python3`.
   */
  readonly base?: string | undefined;
  /** The same: the version under test. */
  readonly head?: string | undefined;
  /** Names of cells, with * for anything, or parts of names; all if omitted. */
  readonly cells?: readonly string[] | undefined;
  /** Blocks that decide a cell. */
  readonly blocks?: number | undefined;
  /** Time of calls that a cell takes in a block: seconds, or text such as `"200ms"`. */
  readonly cellTime?: Typed | undefined;
  /** Time for everything, in the same form: blocks are planned to fit. Unlimited if omitted. */
  readonly budget?: Typed | undefined;
  /** A new file of blocks, ending in .jsonl: what is judged. */
  readonly out?: string | undefined;
  /** A file of blocks to resume. */
  readonly resume?: string | undefined;
}

/** What passes. */
export interface GateSettings extends Pick<CompareOptions, "acceptWork"> {
  /** Whether head may lack cells that base has. */
  readonly acceptMissing?: boolean | undefined;
}

/** The options of `gate`. */
export interface GateOptions extends GateChoices, GateSettings, ProgressHearing {
  /** A file of blocks to judge; nothing is measured. */
  readonly from?: string | undefined;
  /** What `attnbench calibrate` wrote on this machine. */
  readonly calibration?: string | undefined;
}

/**
 * Measures base and head in turn, and returns the file of the blocks, which is incomplete if the signal was
 * aborted.
 */
export async function measureGate(
  choices: AsTyped<GateChoices>,
  calibration: CalibrationFile | null,
  host: Host,
): Promise<string> {
  const { base, head, cells = [], blocks, cellTime, budget, out, resume, ...typed } = choices;
  if (base === undefined || head === undefined) {
    throw new UsageError(
      `gate: --${base === undefined ? "base" : "head"} must name a checkout or a plug-in's module; to judge a file, give --from`,
    );
  }
  if (resume !== undefined) {
    refusePlanWith("--resume", { ...typed, budget, cells, blocks, cellTime, out });
  }
  const path = resume ?? blocksPath(out, "gate", host.today());
  const method = methodOf({ blocks, budget, cellTime });
  const session = { base, head, typed, cells, method, path, resume: resume !== undefined };
  const noise = await noiseOf(calibration, { cellTime, simd: typed.simd }, host);
  await measurePaired(session, decisionsFor(noise, host.remark), host);
  return path;
}

const LEAST_BLOCKS = 2;
const MOST_BLOCKS = 256;

function methodOf({
  blocks,
  budget,
  cellTime,
}: AsTyped<Pick<GateChoices, "blocks" | "budget" | "cellTime">>) {
  const stage2Blocks =
    blocks === undefined
      ? GATE_RULE.stage2Blocks
      : parseInteger("--blocks", blocks, LEAST_BLOCKS, MOST_BLOCKS);
  const budget_s = budget === undefined ? null : parseDuration("--budget", budget);
  return { runs: 1, rule: { ...GATE_RULE, stage2Blocks }, inject: 0, budget_s, ...turnsOf(cellTime) };
}

/** What passes, validated. */
export function gateSettings({ acceptWork, acceptMissing = false }: AsTyped<GateSettings>) {
  return { accepted: parseAcceptedWork(acceptedWords(acceptWork)), acceptMissing };
}

/** The verdict on a file of blocks, and the times that it rests on. */
export async function judgeGate(path: string, settings: ReturnType<typeof gateSettings>) {
  const blocks = await awaitBlocks(path);
  if (blocks.gate.plan.runs > 1) {
    throw new UsageError(
      `gate: the file must hold one run, got the ${blocks.gate.plan.runs} of a calibration; judge it with attnbench calibrate --from`,
    );
  }
  const comparison: Comparison = compareBlocks(blocks, settings);
  return { comparison, samples: pairedSamples(blocks) };
}

/** Refuses options for measuring when a file is judged: they would be ignored. */
export function refuseMeasuring(
  choices: AsTyped<GateChoices> & { readonly calibration?: string | undefined },
): void {
  refusePlanWith("--from", choices);
}

/** A gate as requested; null if it was interrupted. */
export async function gateOf(options: GateOptions, host: Host): Promise<Comparison | null> {
  const { signal: _, onWarning: __, onProgress: ___, from, calibration, ...asked } = options;
  const { acceptWork, acceptMissing, ...choices } = asked;
  const settings = gateSettings({ acceptWork, acceptMissing });
  if (from !== undefined) {
    refuseMeasuring({ ...choices, calibration });
    return (await judgeGate(from, settings)).comparison;
  }
  if ((choices.out ?? choices.resume) === undefined) {
    throw new UsageError("--out: must name a file for the blocks, ending in .jsonl");
  }
  const noise = calibration === undefined ? null : { path: calibration, asked: true };
  const path = await measureGate(choices, noise, host);
  return host.signal.aborted ? null : (await judgeGate(path, settings)).comparison;
}
