import { existsSync } from "node:fs";
import type { Comparison } from "../compare/comparison.ts";
import { environmentDifferences, otherPlaces } from "../compare/environment-differences.ts";
import { parseAcceptedWork } from "../compare/work-changes.ts";
import { GATE_DEFAULTS } from "../core/defaults.ts";
import { FailureError, printable, UsageError } from "../core/errors.ts";
import { blockNoise } from "../gate/judge/block-noise.ts";
import { compareBlocks } from "../gate/judge/compare-blocks.ts";
import { pairedSamples } from "../gate/judge/paired-samples.ts";
import { packageRoot } from "../library/package-root.ts";
import type { TypedChoices } from "../library/plan-options.ts";
import { readEnvironment } from "../machine/environment.ts";
import { type ReadBlocks, readBlocks } from "../record/read-blocks.ts";
import { GATE_RULE } from "../stats/two-stage-rule.ts";
import { quotedPath } from "../text/shell-quoted.ts";
import { parseDuration, parseInteger } from "../text/units.ts";
import { type ComparisonOutputs, outputsOf, tellComparisons } from "./comparison-outputs.ts";
import { blocksPath } from "./gate-session/blocks-file.ts";
import { decisionsFor } from "./gate-session/decisions.ts";
import { measurePaired, refusePlanWith, turnsOf } from "./gate-session/session.ts";
import { EXIT, type ExitCode, type Io, note } from "./io.ts";

/** What was typed; undefined where it was not. */
export interface GateOptions {
  readonly base: string | undefined;
  readonly head: string | undefined;
  readonly plan: TypedChoices;
  readonly cells: readonly string[];
  readonly blocks: string | undefined;
  /** Time of calls that a cell takes in a block. */
  readonly cellTime: string | undefined;
  readonly budget: string | undefined;
  readonly out: string | undefined;
  readonly resume: string | undefined;
  readonly from: string | undefined;
  readonly calibration: string | undefined;
  /** Quantities, or empty for all. */
  readonly acceptWork: string | undefined;
  readonly acceptMissing: boolean;
  readonly outputs: ComparisonOutputs;
}

/** Measures base and head in turn and says whether head is slower, or judges again what was measured so. */
export async function gate(options: GateOptions, io: Io): Promise<ExitCode> {
  const accepted = parseAcceptedWork(options.acceptWork);
  const formats = outputsOf(options.outputs);
  if (options.from !== undefined) refuseMeasuring(options);
  const path = options.from ?? (await measure(options, io));
  if (path === null) return EXIT.failed;
  const blocks = readBlocks(path);
  if (blocks.gate.plan.runs > 1) {
    throw new UsageError(
      `gate: a file of one run must be given, got the ${blocks.gate.plan.runs} of a calibration; give it to attnbench calibrate --from`,
    );
  }
  const comparison: Comparison = compareBlocks(blocks, { accepted, acceptMissing: options.acceptMissing });
  const samples = pairedSamples(blocks);
  const code = await tellComparisons([{ comparison, samples }], options.outputs, formats, io);
  if (options.from === undefined) note(io, `blocks: ${printable(path)}; judge them again with gate --from`);
  return code;
}

/** Nothing is measured where a file is judged: what says how would be passed over. */
function refuseMeasuring(options: GateOptions): void {
  const { base, head, plan, cells, blocks, budget, cellTime, out, resume, calibration } = options;
  const typed = { base, head, ...plan, cells, blocks, budget, cellTime, out, resume, calibration };
  refusePlanWith("--from", typed);
}

/** Measures, and returns the file of the blocks; null where it was interrupted. */
async function measure(options: GateOptions, io: Io): Promise<string | null> {
  const { base, head, plan, cells, resume } = options;
  if (base === undefined || head === undefined) {
    throw new UsageError(
      `gate: --${base === undefined ? "base" : "head"} must name a checkout or a plug-in's module, got none; or judge a file with --from`,
    );
  }
  if (resume !== undefined) {
    const { blocks, budget, cellTime, out } = options;
    refusePlanWith("--resume", { ...plan, cells, blocks, budget, cellTime, out });
  }
  const path = resume ?? blocksPath(options.out, "gate", io.today());
  const session = {
    base,
    head,
    typed: plan,
    cells,
    method: methodOf(options),
    path,
    resume: resume !== undefined,
  };
  await measurePaired(
    session,
    decisionsFor(noiseOf(options, io), (text) => note(io, text)),
    io,
  );
  if (!io.signal.aborted) return path;
  const sides = `--base ${quotedPath(base)} --head ${quotedPath(head)}`;
  note(io, `interrupted; go on with: attnbench gate ${sides} --resume ${quotedPath(path)}`);
  return null;
}

const { calibration: USUAL_CALIBRATION } = GATE_DEFAULTS;
const LEAST_BLOCKS = 2;
const MOST_BLOCKS = 256;

function methodOf({ blocks, budget, cellTime }: GateOptions) {
  const stage2Blocks =
    blocks === undefined
      ? GATE_RULE.stage2Blocks
      : parseInteger("--blocks", blocks, LEAST_BLOCKS, MOST_BLOCKS);
  const budget_s = budget === undefined ? null : parseDuration("--budget", budget);
  return { runs: 1, rule: { ...GATE_RULE, stage2Blocks }, inject: 0, budget_s, ...turnsOf(cellTime) };
}

/** The noise of cells as calibrated here; empty where it was not, or not like this. */
function noiseOf({ calibration, cellTime, plan }: GateOptions, io: Io): ReadonlyMap<string, number> {
  const path = calibration ?? (existsSync(USUAL_CALIBRATION) ? USUAL_CALIBRATION : undefined);
  if (path === undefined) return new Map();
  const pass = (why: string) => {
    note(io, `warning: ${why}; the calibration is not made use of`);
    return new Map<string, number>();
  };
  let blocks: ReadBlocks;
  try {
    blocks = readBlocks(path);
  } catch (thrown) {
    if (calibration !== undefined || !(thrown instanceof FailureError || thrown instanceof UsageError))
      throw thrown;
    return pass(thrown.message);
  }
  const { environment, plan: calibrated } = blocks.gate;
  const now = readEnvironment(packageRoot(), []);
  const [other] = otherPlaces(environmentDifferences(environment, now));
  if (other !== undefined) {
    return pass(
      `${printable(path)} was made with ${printable(other.field, 60)} ${printable(other.base)}, this is ${printable(other.head)}`,
    );
  }
  const where = `${printable(path)} was made`;
  if (calibrated.entry_s !== turnsOf(cellTime).entry_s) return pass(`${where} with another --cell-time`);
  if (plan.simd !== undefined && plan.simd !== calibrated.simd) return pass(`${where} with another --simd`);
  return blockNoise(blocks);
}
