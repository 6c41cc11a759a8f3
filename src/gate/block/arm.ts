import { messageOf } from "../../core/errors.ts";
import type { OutputTensor } from "../../core/outputs.ts";
import type { RowPlace } from "../../core/rows.ts";
import { parameterize } from "../../core/variant.ts";
import { openInput } from "../../input/open-input.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { supportsMode } from "../../kernels/supports-mode.ts";
import { takesTokens } from "../../mechanisms/call-inputs.ts";
import { callOfCase } from "../../mechanisms/call-of-case.ts";
import type { JudgedVariant } from "../../mechanisms/judged.ts";
import type { Kinds } from "../../mechanisms/kinds.ts";
import { outputsOf } from "../../mechanisms/outputs.ts";
import { whyUndefined } from "../../mechanisms/why-undefined.ts";
import { judgedTask, leastWorkOf, workOfCase } from "../../mechanisms/work-of-case.ts";
import type { Catalogue } from "../../plugins/load-plugin.ts";
import type { CellFacts } from "../../record/schema/block-lines.ts";
import { inputShapeOf, modeOf, outputShapeOf } from "../../record/schema/case-task.ts";
import { fewerRemark, prepareRemark } from "../../run/case-remarks.ts";
import { median } from "../../stats/median.ts";
import { type CallWindow, planSlot, rewindingSeconds, type SlotPlan, timeSlot } from "../../timing/slot.ts";
import { changesIn, planSlotElsewhere, timeSlotElsewhere } from "../../timing/slot-elsewhere.ts";
import { markWaiting, waitedSince } from "../../timing/waiting.ts";
import { threadsRemark } from "../../verify/call-again.ts";
import { callGreenAgain, type GreenAgain } from "../../verify/call-green-again.ts";
import { discard } from "../../verify/discard.ts";
import { replacedFault } from "../../verify/globals.ts";
import { blame } from "../../verify/prepare-case.ts";
import { thisSpeedLimit, tooFast } from "../../verify/speed-limit.ts";
import type { Watched } from "../../verify/watched-call.ts";
import { NO_FACTS } from "./no-facts.ts";
import { type OpenRequest, type Prepared, prepareCell } from "./prepare-cell.ts";
import { yardstick } from "./yardstick.ts";

/** What one slot of calls took. */
export interface SlotTimes {
  /** Seconds per call. The mean is over all timed calls, disturbances included. */
  readonly median_s: number;
  readonly mean_s: number;
  readonly min_s: number;
  /** Seconds of the slot, of its timed calls, and those in which its thread was kept from running. */
  readonly wall_s: number;
  readonly timed_s: number;
  readonly waited_s: number;
  /** What is now wrong with the output, or null. */
  readonly wrong: string | null;
}

/** Calls after which the fixed kernel is compiled. */
const WARM_CALLS = 200;

/** The code of a side, and how what it opened is ended. */
type Side = Pick<Catalogue, "variants" | "kernels"> & { close?(): Promise<void> };

/** What is open: a cell, or the fixed kernel. */
interface OpenCell extends Watched {
  /** One call that is not timed. */
  run(): void;
  readonly window: CallWindow | null;
  /** Seconds of taking in the inputs for one sample; 0 if they are read in place. */
  readonly transferSeconds: number;
  /** Seconds of what precedes one sample outside its time; 0 if nothing does. */
  readonly savingSeconds: number;
  /** As verification left it; null for the fixed kernel. */
  readonly output: Float32Array | null;
  /** The tensors in it. */
  readonly outputs: readonly OutputTensor[] | null;
  /** What is wrong with the time of a sample of the given number of calls, or null. */
  tooFast(seconds: number, calls: number): string | null;
  /** What the reference finds wrong in rows of the output, or null. */
  verifyRows(rows: readonly RowPlace[]): string | null;
  close(): void;
}

/** The state when nothing is open: a call then has nothing but its own time. */
const NOTHING = { window: null, elsewhere: null, transferSeconds: 0, savingSeconds: 0 } as const;

/** One side within a block: opens a cell, runs slots of it in turn with the other side, and closes it. */
export class Arm {
  readonly #catalogue: Side;
  readonly #kinds: Kinds;
  #open: OpenCell | null = null;

  constructor(catalogue: Side, kinds: Kinds) {
    this.#catalogue = catalogue;
    this.#kinds = kinds;
  }

  /** Verifies a cell and warms it up. One cell is open at a time. */
  async open(request: OpenRequest): Promise<CellFacts> {
    this.close();
    const found = await this.#find(request);
    if (typeof found === "string") return { ...NO_FACTS, outcome: "missing", reason: found };
    const { filled, kernel } = found;
    const task = judgedTask(request.cell, filled);
    const unfit = whyUndefined(filled, request.cell, inputShapeOf(request.cell));
    const supported = unfit ?? supportsMode(kernel, task, modeOf(request.cell));
    if (supported !== true) return { ...NO_FACTS, outcome: "unsupported", reason: supported };
    const { pairs, usefulFlops: useful_flops } = workOfCase(request.cell, filled);
    let prepared: Prepared;
    try {
      prepared = await prepareCell(request, task, kernel, this.#catalogue.kernels);
    } catch (thrown) {
      return { ...NO_FACTS, pairs, useful_flops, outcome: "wrong", reason: messageOf(thrown) };
    }
    const { expect, result } = prepared;
    const facts = { ...NO_FACTS, pairs, useful_flops };
    if (result.outcome !== "green") {
      // On numbers that prove nothing no side is wrong: there is nothing to compare.
      const outcome = result.outcome === "unproven" ? "unsupported" : "wrong";
      return { ...facts, outcome, reason: result.reason };
    }
    const { runnable, window, decoding, saved, output, call, before, elsewhere } = result;
    const { begin, verify, recheck, inspect } = result;
    const { threads } = request.cell;
    const least = leastWorkOf(request.cell, filled);
    const limit = thisSpeedLimit();
    // As thoroughly as a check; blocks open their cells again.
    let again: GreenAgain | null = null;
    let reason: string | null = null;
    try {
      again = request.rows === null ? await callGreenAgain(kernel, result, least, threads, limit) : null;
      const fault = replacedFault() ?? again?.fault ?? null;
      if (fault !== null) reason = `verification: ${fault}`;
    } catch (thrown) {
      reason = blame(thrown, " when called again");
    }
    if (reason !== null) {
      discard(runnable);
      return { ...facts, outcome: "wrong", reason };
    }
    const remarks = [
      threadsRemark(kernel.id, again?.threadsSeen ?? 0, threads),
      prepareRemark(`kernel ${kernel.id}`, result, threads),
      fewerRemark(`kernel ${kernel.id}`, runnable),
      ...(again?.remarks ?? []),
    ].filter((one) => one !== null);
    // What verification left behind is collected now, not during a slot.
    globalThis.gc?.();
    this.#open = {
      run: () => runnable.run(),
      call,
      before,
      savingSeconds: saved?.seconds ?? 0,
      elsewhere,
      transferSeconds: result.transferSeconds,
      window,
      begin,
      output,
      outputs: outputsOf({ ...task, shape: outputShapeOf(request.cell) }),
      verify,
      tooFast: (seconds, calls) =>
        elsewhere?.isElsewhere === true ? null : tooFast(least, { seconds, calls, threads }, limit),
      recheck,
      inspect,
      verifyRows: (rows) => expect(rows).compare(output, result.choice()).failure,
      close: () => discard(runnable),
    };
    return {
      outcome: "right",
      reason: null,
      call_s: result.callSeconds,
      prepare_s: result.prepareSeconds,
      pairs,
      useful_flops,
      executed_flops: runnable.executedFlops,
      bytes: runnable.bytes,
      workspace_bytes: runnable.workspaceBytes,
      ...(decoding === null ? {} : { state_bytes: decoding.stateBytes }),
      ...(saved === null ? {} : { saved_bytes: saved.bytes }),
      gate_error: result.gate.error,
      gate_budget: result.gate.budget,
      ...(remarks.length > 0 && { remarks }),
    };
  }

  /** The output of the open cell, as its last call left it; null if none is open. */
  output(): Float32Array | null {
    return this.#open?.output ?? null;
  }

  /** The tensors that the output of the open cell holds; null if none is open. */
  outputs(): readonly OutputTensor[] | null {
    return this.#open?.outputs ?? null;
  }

  /** What the reference finds wrong in rows of it, or null. */
  verifyRows(rows: readonly RowPlace[]): string | null {
    return this.#open?.verifyRows(rows) ?? null;
  }

  /** Checks all of what is open once more, after its last slot: null, or what is wrong. */
  async recheck(): Promise<string | null> {
    return (await this.#open?.recheck()) ?? null;
  }

  /** Opens the fixed kernel, and returns the seconds of one call. */
  openYardstick(): number {
    this.close();
    const run = yardstick();
    this.#open = {
      run,
      call: run,
      before: null,
      savingSeconds: 0,
      elsewhere: null,
      transferSeconds: 0,
      window: null,
      begin: () => {},
      output: null,
      outputs: null,
      verify: async () => null,
      tooFast: () => null,
      recheck: async () => null,
      inspect: () => null,
      verifyRows: () => null,
      close: () => {},
    };
    return Math.min(...timeSlot(run, { callsPerSample: 1, samples: WARM_CALLS }));
  }

  /** The calls of a slot of some seconds for what is open, and how long it takes including overhead. */
  plan(callSeconds: number, slotSeconds: number): { readonly plan: SlotPlan; readonly seconds: number } {
    const { window, elsewhere, transferSeconds, savingSeconds } = this.#open ?? NOTHING;
    const plan =
      elsewhere === null
        ? planSlot(callSeconds, slotSeconds, window, undefined, savingSeconds)
        : planSlotElsewhere(callSeconds, transferSeconds + savingSeconds, elsewhere, slotSeconds, window);
    const calls = plan.callsPerSample * plan.samples;
    return {
      plan,
      seconds:
        callSeconds * calls +
        rewindingSeconds(calls, window) +
        (transferSeconds + savingSeconds) * plan.samples,
    };
  }

  /**
   * One slot of what is open. The first of several calls is not timed, or the first `untimed`: it finds the
   * caches cold. Nothing is awaited until a kernel that computes here has been timed and checked.
   */
  async slot(plan: SlotPlan, pad: number, untimed = 1): Promise<SlotTimes> {
    const open = this.#open;
    if (open === null) throw new TypeError("a slot must follow open");
    const { elsewhere } = open;
    const calls = plan.samples * plan.callsPerSample;
    // A kernel that remembers its last output, and no longer computes it, must not be timed.
    if (elsewhere === null) open.begin(calls, plan.samples);
    else open.begin(changesIn(plan, elsewhere));
    if (open.window === null && calls > 1) {
      const skipped = this.skip(untimed);
      if (skipped !== null) await skipped;
    }
    const mark = markWaiting(elsewhere?.computing());
    const samples =
      elsewhere === null
        ? timeSlot(open.call, plan, pad, open.window, open.before)
        : (await timeSlotElsewhere(elsewhere, plan, pad)).samples;
    const waited_s = waitedSince(mark);
    const wall_s = performance.now() / 1e3 - mark.at_s;
    const mean_s = samples.reduce((sum, one) => sum + one, 0) / samples.length;
    return {
      median_s: median(samples),
      mean_s,
      min_s: Math.min(...samples),
      wall_s,
      timed_s: mean_s * samples.length * plan.callsPerSample,
      waited_s,
      wrong:
        elsewhere?.untold() ??
        (await open.verify()) ??
        open.tooFast(Math.min(...samples), plan.callsPerSample),
    };
  }

  /** Calls that are not timed; none if calls cannot go on for ever. Null unless they must be awaited. */
  skip(calls: number): Promise<unknown> | null {
    const open = this.#open;
    if (open === null || open.window !== null) return null;
    if (open.elsewhere !== null) return open.elsewhere.again(calls);
    for (let call = 0; call < calls; call++) open.run();
    return null;
  }

  /**
   * Collects the young garbage, if that can be requested: what opening left behind is not for the slots to
   * collect.
   */
  collect(): void {
    globalThis.gc?.({ type: "minor", execution: "sync" });
  }

  close(): void {
    this.#open?.close();
    this.#open = null;
  }

  /** Closes it, and ends devices and programs of its side: nothing is opened afterwards. */
  async end(): Promise<void> {
    this.close();
    await this.#catalogue.close?.();
  }

  async #find({ cell, input, seed, tensors }: OpenRequest): Promise<Found | string> {
    const { variant: id, kernel: kernelId, params } = cell;
    const variant = this.#catalogue.variants.find((one) => one.id === id);
    if (variant === undefined) return `this side has no variant ${id}`;
    const kernel = this.#catalogue.kernels.find((one) => one.id === kernelId);
    if (kernel === undefined) return `this side has no kernel ${kernelId}`;
    try {
      const declared = parameterize(variant, params);
      const tokens = cell.model_dim !== undefined || takesTokens(this.#kinds.judged(declared));
      const stored =
        cell.given_edges === undefined && cell.given_gates === undefined && !tokens
          ? undefined
          : (await openInput(input, seed, tensors, { tokens })).call;
      const filled = this.#kinds.under(declared, callOfCase(cell, stored));
      return { filled, kernel };
    } catch (thrown) {
      return messageOf(thrown);
    }
  }
}

interface Found {
  readonly filled: JudgedVariant;
  readonly kernel: Kernel;
}
