import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeDifference } from "../../compare/code-differences.ts";
import { GATE_DEFAULTS } from "../../core/defaults.ts";
import { FailureError, printable, UsageError } from "../../core/errors.ts";
import { packageRoot } from "../../files/package-root.ts";
import { refuseStream } from "../../files/read-whole.ts";
import { whyNotWritten } from "../../files/replace-file.ts";
import type { ArmName } from "../../gate/block/block-task.ts";
import { type LoadedSubject, loadSubject } from "../../gate/block/load-subject.ts";
import type { GateContext } from "../../gate/open-gate.ts";
import { runGate } from "../../gate/run-gate.ts";
import { runProcess } from "../../gate/run-process.ts";
import { codeOfSide, commitOfSide, copySubject, findSubject, type GateSubject } from "../../gate/subject.ts";
import { openInput } from "../../input/open-input.ts";
import { namesProgram } from "../../kernels/external/program-spec.ts";
import { PATIENCE } from "../../kernels/external/protocol.ts";
import { builtInKernels, namedBuild, type Simd } from "../../kernels/index.ts";
import { devicesOf } from "../../machine/devices.ts";
import { readEnvironment } from "../../machine/environment.ts";
import { continueLines, createLines, type LineFile } from "../../record/append.ts";
import { BLOCKS } from "../../record/line-kind.ts";
import { type ReadBlocks, readBlocks } from "../../record/read-blocks.ts";
import {
  BLOCKS_SCHEMA_VERSION,
  type BlocksLine,
  type BlocksPlan,
  type BlocksSide,
  type GateLine,
} from "../../record/schema/block-lines.ts";
import { parseDuration, type Typed } from "../../text/units.ts";
import { readingOf } from "../file-reading.ts";
import type { Host } from "../host.ts";
import { kernelEntries } from "../kernel-choice.ts";
import { firstTyped, inputOf, type TypedChoices } from "../plan-options.ts";
import { refuseOtherEnvironment } from "../resume.ts";
import { simdOf } from "../simd-option.ts";
import { pairedCells } from "./cells.ts";
import { refuseOtherPrograms } from "./refuse-programs.ts";

/** What is measured in turn, and where it is written. */
export interface PairedSession {
  readonly base: string;
  readonly head: string;
  readonly typed: TypedChoices;
  readonly cells: readonly string[];
  /** All of the plan that does not depend on the sides. */
  readonly method: Pick<BlocksPlan, "runs" | "rule" | "slot_s" | "entry_s" | "inject" | "budget_s">;
  readonly path: string;
  /** Whether the file is resumed; it then supplies its plan. */
  readonly resume: boolean;
}

/** What a session decides and reports as it goes. */
export type PairedDecisions = (plan: BlocksPlan) => Pick<GateContext, "chooseStage2" | "checked">;

/**
 * Seconds of calls that a slot, and a cell in a block, aim at. Slots are as short as a clock allows: the
 * machine's own pace changes within tens of milliseconds, and what both sides of a pair share cancels. With
 * slots of 20 ms blocks scattered by 4 to 6 % on a busy machine, with 2 ms by 0.3 to 0.8 %.
 */
export function turnsOf(cellTime: Typed | undefined): Pick<BlocksPlan, "slot_s" | "entry_s"> {
  return { slot_s: 2e-3, entry_s: parseDuration("--cell-time", cellTime ?? GATE_DEFAULTS.cellTime) };
}

/**
 * Measures two sides in turn, in copies of their code, and writes the blocks line by line. Returns how many
 * lines were written. What was measured is kept whatever happens.
 */
export async function measurePaired(
  session: PairedSession,
  decisions: PairedDecisions,
  host: Host,
): Promise<number> {
  // Interrupts are heard from here on, so that the copies are removed.
  const { signal } = host;
  refuseOtherPrograms([session.base, session.head], session.typed.kernel);
  if (session.resume) refuseStream("--resume", session.path, "save it to one first");
  const earlier = session.resume ? readBlocks(session.path) : null;
  const folder = copies();
  try {
    const [base, head, twin] = (["base", "head", "twin"] as const).map((name) => {
      const side = name === "head" ? "head" : "base";
      const found = findSubject(`--${side}`, session[side], packageRoot());
      const place = join(folder, name);
      mkdirSync(place);
      return copySubject(found, place);
    });
    const simd = simdFor(session, earlier);
    const places = placesOf({ base, head, twin });
    await tryLoading(places, simd, signal);
    if (signal.aborted) return 0;
    const gate = await headLine(session, earlier, { base, head }, simd, host);
    const file = openFile(session.path, gate, earlier, host);
    try {
      const decided = decisions(gate.plan);
      return await measure(gate.plan, { places, simd, ...decided }, earlier, file, host);
    } catch (thrown) {
      // Such as a budget that is too small: no session could resume such a plan.
      if (earlier === null && thrown instanceof UsageError) rmSync(session.path, { force: true });
      throw thrown;
    } finally {
      file.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds within which a side's code must load, besides what a program may take to say what it is. */
const LOADING_S = 30;

function loadingSeconds(places: GateContext["places"]): number {
  const starts = Object.values(places).some(({ module }) => module !== null && namesProgram(module));
  return LOADING_S + (starts ? PATIENCE.hello : 0);
}

/**
 * Loads both sides in a process of their own first: code that hangs, or ends its process, must not end this
 * one.
 */
async function tryLoading(places: GateContext["places"], simd: Simd, signal: AbortSignal): Promise<void> {
  const nothing = { kind: "check", places, simd, input: "gaussian", seed: 0, cells: [] } as const;
  let side = "a side";
  for await (const message of runProcess(nothing, loadingSeconds(places), signal)) {
    if (message.kind === "begin") side = message.side ?? side;
    if (signal.aborted || (message.kind !== "lost" && message.kind !== "ended")) continue;
    throw new FailureError(`gate: ${side} cannot be loaded, ${printable(message.reason, 500)}; fix that`);
  }
}

function placesOf(subjects: Readonly<Record<ArmName, GateSubject>>): GateContext["places"] {
  const place = ({ root, module, name }: GateSubject) => ({ root, module, name });
  return { base: place(subjects.base), head: place(subjects.head), twin: place(subjects.twin) };
}

function copies(): string {
  const folder = join(tmpdir(), "attnbench-");
  try {
    return mkdtempSync(folder);
  } catch (thrown) {
    throw new FailureError(
      `${printable(tmpdir())}: copies of the code cannot be made there, ${whyNotWritten(thrown)}; name another folder in TMPDIR`,
    );
  }
}

/** The build that all blocks use: chosen once, so that both sides and all blocks use the same. */
function simdFor({ typed }: PairedSession, earlier: ReadBlocks | null): Simd {
  return namedBuild(simdOf(earlier === null ? typed.simd : earlier.gate.plan.simd));
}

interface Sides {
  readonly base: GateSubject;
  readonly head: GateSubject;
}

/** Whether a side's variants take whole tokens; what it refuses of the options is said where cells are made of them. */
function takesTokensOn(side: LoadedSubject, typed: TypedChoices): boolean {
  try {
    return readingOf(typed, side).tokens === true;
  } catch (thrown) {
    if (thrown instanceof UsageError) return false;
    throw thrown;
  }
}

/** The first line of the file: made from what was typed, or the earlier one if everything is unchanged. */
async function headLine(
  session: PairedSession,
  earlier: ReadBlocks | null,
  { base, head }: Sides,
  simd: Simd,
  host: Host,
): Promise<GateLine> {
  const environment = readEnvironment(packageRoot(), builtInKernels(simd));
  const named = kernelsNamed(session, earlier);
  const loaded: LoadedSubject[] = [];
  try {
    const baseSide = await loadSubject(base, simd, "base", named);
    loaded.push(baseSide);
    const headSide = await loadSubject(head, simd, "head", named);
    loaded.push(headSide);
    const withDevices = { ...environment, ...devicesOf(baseSide.kernels) };
    return await headOf(session, earlier, { base, head }, [baseSide, headSide], simd, withDevices, host);
  } finally {
    // Each block starts programs, and opens devices, of its own.
    for (const side of loaded) await side.close();
  }
}

/** The kernels that are opened because they are named: as typed, or in the plan of a gate that is resumed. */
function kernelsNamed({ typed }: PairedSession, earlier: ReadBlocks | null): readonly string[] {
  const planned = earlier?.gate.plan.cells.map(({ kernel }) => kernel) ?? [];
  return [...new Set([...(kernelEntries(typed.kernel) ?? []), ...planned])];
}

async function headOf(
  { typed, cells, method }: PairedSession,
  earlier: ReadBlocks | null,
  { base, head }: Sides,
  loaded: readonly [LoadedSubject, LoadedSubject],
  simd: Simd,
  environment: GateLine["environment"],
  host: Host,
): Promise<GateLine> {
  const sides = { base: sideOf(base, loaded[0]), head: sideOf(head, loaded[1]) };
  if (earlier !== null) {
    refuseOtherEnvironment(earlier.gate.environment, environment, "start over with --out");
    refuseOtherCode(earlier.gate, sides);
    return earlier.gate;
  }
  const { spec, seed, tensors } = inputOf(typed);
  const source = await openInput(spec, seed, tensors, {
    tokens: loaded.some((side) => takesTokensOn(side, typed)),
  });
  const planned = pairedCells(loaded, typed, cells, source);
  return {
    type: "gate",
    schema: BLOCKS_SCHEMA_VERSION,
    started: host.today().toISOString(),
    plan: {
      seed,
      input: spec,
      ...(tensors !== undefined && { tensors }),
      simd,
      ...method,
      cells: [...planned],
    },
    ...sides,
    environment,
  };
}

function sideOf(subject: GateSubject, { brought }: LoadedSubject): BlocksSide {
  const { name, kind } = subject;
  const plugin = brought?.code ?? null;
  return { name, kind, ...commitOfSide(subject, plugin), ...codeOfSide(subject, plugin) };
}

/** Blocks of two versions of a side must not be mixed. */
function refuseOtherCode(began: GateLine, now: Pick<GateLine, "base" | "head">): void {
  for (const side of ["base", "head"] as const) {
    if (began[side].code_sha256 === now[side].code_sha256) continue;
    const found = codeDifference(began[side].code ?? {}, now[side].code ?? {});
    const what =
      began[side].code === undefined || found === null ? "" : `, ${found.base}, this is ${found.head}`;
    throw new FailureError(
      `--resume: the gate began with different code of ${side} than ${printable(now[side].name)} holds now${printable(what)}; restore it, or start over with --out`,
    );
  }
}

function openFile(
  path: string,
  gate: GateLine,
  earlier: ReadBlocks | null,
  host: Host,
): LineFile<BlocksLine> {
  if (earlier === null) return createLines(BLOCKS, path, gate);
  if (earlier.truncated) host.remark(`${printable(path)}: its last line was cut off and is ignored`);
  return continueLines(BLOCKS, path, earlier.validBytes);
}

async function measure(
  plan: BlocksPlan,
  context: Pick<GateContext, "places" | "simd" | "chooseStage2" | "checked">,
  earlier: ReadBlocks | null,
  file: LineFile<BlocksLine>,
  host: Host,
): Promise<number> {
  // Of the last block: a prediction for the others of its stage.
  let each: number | null = null;
  const lines = runGate(plan, {
    ...context,
    already: earlier?.lines ?? [],
    now: host.now,
    signal: host.signal,
    observe: ({ phase, run, done, total, cell }) => {
      host.observe({
        phase: plan.runs === 1 ? phase : `run ${run + 1}/${plan.runs} ${phase}`,
        case: cell,
        done,
        total,
        secondsLeft: each === null ? null : each * Math.max(0, total - done),
      });
    },
  });
  let written = 0;
  for await (const line of lines) {
    file.append(line);
    written++;
    if (line.type === "block") each = line.seconds;
    if (line.type === "stage") each = null;
  }
  return written;
}

/** Refuses plan options when the file supplies a plan. */
export function refusePlanWith(option: string, given: Readonly<Record<string, unknown>>): void {
  const typed = firstTyped(given);
  if (typed === undefined) return;
  throw new UsageError(
    `${typed}: cannot be changed when ${option} names a file, which has its own; omit the option`,
  );
}
