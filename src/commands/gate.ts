import { existsSync } from "node:fs";
import { GATE_DEFAULTS } from "../core/defaults.ts";
import { printable } from "../core/errors.ts";
import type { AsTyped } from "../library/as-typed.ts";
import {
  type GateChoices,
  type GateSettings,
  gateSettings,
  judgeGate,
  measureGate,
  refuseMeasuring,
} from "../library/gate.ts";
import { quotedPath } from "../text/shell-quoted.ts";
import { type ComparisonOutputs, outputsOf, tellComparisons } from "./comparison-outputs.ts";
import { hostOf } from "./host-of.ts";
import { noteInterrupted } from "./interrupted.ts";
import { EXIT, type ExitCode, type Io, note } from "./io.ts";
import { progressDisplay } from "./run-progress.ts";

/** What was typed; undefined if it was not. */
export interface GateOptions {
  readonly choices: AsTyped<GateChoices>;
  readonly from: string | undefined;
  readonly calibration: string | undefined;
  readonly settings: AsTyped<GateSettings>;
  readonly outputs: ComparisonOutputs;
}

/** Measures base and head in turn and says whether head is slower, or judges earlier blocks again. */
export async function gate(options: GateOptions, io: Io): Promise<ExitCode> {
  const { choices, from, calibration } = options;
  const settings = gateSettings(options.settings);
  const formats = outputsOf(options.outputs);
  if (from !== undefined) refuseMeasuring({ ...choices, calibration });
  const path = from ?? (await measure(options, io));
  if (path === null) return EXIT.failed;
  const code = await tellComparisons([await judgeGate(path, settings)], options.outputs, formats, io);
  if (from === undefined) note(io, `blocks: ${printable(path)}; judge them again with gate --from`);
  return code;
}

/** Measures, and returns the file of the blocks; null if it was interrupted. */
async function measure({ choices, calibration }: GateOptions, io: Io): Promise<string | null> {
  const display = progressDisplay(io);
  let path: string;
  try {
    path = await measureGate(choices, calibrationOf(calibration), hostOf(io, display.update));
  } finally {
    display.stop();
  }
  if (!io.signal.aborted) return path;
  const { base = "", head = "" } = choices;
  const sides = `--base ${quotedPath(base)} --head ${quotedPath(head)}`;
  noteInterrupted(path, `attnbench gate ${sides} --resume ${quotedPath(path)}`, io);
  return null;
}

function calibrationOf(typed: string | undefined) {
  if (typed !== undefined) return { path: typed, asked: true };
  const { calibration: path } = GATE_DEFAULTS;
  return existsSync(path) ? { path, asked: false } : null;
}
