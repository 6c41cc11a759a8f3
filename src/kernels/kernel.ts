import type { Choice } from "../core/choice.ts";
import type { Dtype } from "../core/dtype.ts";
import type { FormName } from "../core/form-names.ts";
import type { Problem, Task } from "../core/problem.ts";
import type { Shape, ShapeFreedom } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import type { DeviceFacts, DeviceRates } from "../record/schema/device.ts";
import type { DecodeKernel, ReadyDecodeKernel } from "./stepper.ts";

/**
 * A family of code that runs attention. Kernels never see which variant they run: a mechanism comes as data.
 * Whether a kernel can run is a value, never an exception.
 */
export interface Kernel {
  readonly id: string;
  readonly title: string;
  /** What the results record about the code that runs, if a name is not enough: build, flags, hash. */
  details?(): string;
  /** The machine code that it generates, as text that an assembler takes; omitted if it generates none. */
  listing?(): string;
  /** Why it cannot run here whatever the task, null if it can; omitted if it always can. */
  unavailable?(): string | null;
  /**
   * Whether another built-in family takes all that it takes, on any machine: `auto` prefers it, and a task that it does not
   * take is no news. Omitted if not.
   */
  readonly supplement?: boolean;
  /**
   * Whether it cannot run here because of what the machine is: listings and results say so, and runs do not warn. Omitted
   * if that is never why.
   */
  unsuited?(): boolean;
  /**
   * Whether it is opened only where it is named, and `auto` never takes it: opening takes time, or its times are of another
   * machine than those of the processor's kernels. Omitted if not.
   */
  readonly onDemand?: boolean;
  /**
   * Finds the device or starts the process that it computes on. Asked once, before anything else: `true`, or
   * why it cannot run here. Omitted if there is nothing to find.
   */
  open?(): Promise<true | string>;
  /** Operations per second on one thread for a first estimate of time; 4e9 if omitted. */
  readonly assumedRate?: number;
  /** Which of the machine's limits this family can measure; omitted if none. */
  readonly limits?: MachineLimits;
  /**
   * What it computes on if it is none of the machine's processors, whose limits are then none of its own; null while it is not
   * open. Omitted if it computes on processors.
   */
  device?(): ComputeDevice | null;
  /**
   * Arrays for q, k, v and out of a shape that this kernel reads and writes in place; it would copy others.
   * Omitted if any arrays will do; other kernels may use them as well.
   */
  allocate?(shape: Shape): CallTensors;
  /**
   * How shapes may differ from the usual, in which k and v have as many heads as q, queries are as many as
   * keys, and values as wide: other tasks are not asked about. Omitted if they may not.
   */
  readonly freedoms?: readonly ShapeFreedom[];
  /**
   * Whether it is for finite numbers alone: NaN or infinity in a token may spread to rows that do not attend it, as where a
   * weight of 0 is multiplied. Omitted if none does.
   */
  readonly finiteOnly?: boolean;
  /**
   * The forms that it computes where a mechanism's pairs are not those of softmax attention (`Forms`): tasks
   * with others are not asked about. Omitted if it computes none.
   */
  readonly forms?: readonly FormName[];
  /**
   * The dtypes in which it computes: inputs hold no other numbers, and its output is judged by what that dtype can do.
   * Arrays are of float32 all the same. Tasks in others are not asked about. float32 alone if omitted.
   */
  readonly dtypes?: readonly Dtype[];
  /**
   * `true`, or why it cannot: the machine, the mechanism, the shape. A softmax mechanism may have a `scale`;
   * if it has none the scale is 1/√d, and `scaleOf` gives either.
   */
  supports(task: Task): true | string;
  /**
   * Compiles the schedule and allocates. Timed separately from `run`, as *prepare time*. What is packed from
   * k or v on each call belongs to `run`, since k and v change from call to call.
   */
  prepare(problem: Problem, output: Float32Array): Runnable | Promise<Runnable>;
  /** One token at a time; omitted if it cannot. */
  readonly decode?: DecodeKernel;
  /** Ends what `open` began: nothing is asked of it afterwards. Omitted if there is nothing to end. */
  close?(): Promise<void>;
}

/** A kernel that prepares synchronously. */
export interface ReadyKernel extends Kernel {
  prepare(problem: Problem, output: Float32Array): Runnable;
  readonly decode?: ReadyDecodeKernel;
}

/**
 * The arrays of one call: q `[batch, heads, queries, headDim]`, k `[batch, kvHeads, length, headDim]`, v
 * `[batch, kvHeads, length, valueDim]` and the output `[batch, heads, queries, valueDim]`, which has `GUARD`
 * floats on both sides of it.
 */
export interface CallTensors {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly output: Float32Array;
  /**
   * Room in the same place for so many numbers that a call is given besides q, k and v, such as weights;
   * omitted if any arrays will do.
   */
  allocate?(count: number): Float32Array;
}

/** The same arrays with room for an output of `count` floats, which is another where a call gives gradients. */
export function withOutput(tensors: CallTensors, count: number): CallTensors {
  if (tensors.output.length === count) return tensors;
  const room = tensors.allocate?.(count + 2 * GUARD).subarray(GUARD, GUARD + count);
  return { ...tensors, output: room ?? guardedOutput(count) };
}

/**
 * Measures what the machine can do at its best, against which results are read. Empty if nothing can be
 * measured.
 */
export interface MachineLimits {
  /**
   * The best rate of each build's micro-kernel on `threads` threads at once, operands in the nearest cache,
   * fastest build first. Takes about a tenth of a second per build.
   */
  ceilings(threads: number): readonly Ceiling[];
  /**
   * Bytes per second that one thread reads from `bytes` bytes of memory, over and over; null if it cannot.
   */
  readBandwidth(bytes: number): number | null;
  /**
   * tanh per second on one thread, in which additive scores are counted; null if it cannot. Omitted if it has
   * none of its own.
   */
  tanhRate?(): number | null;
}

/** A device that computes in the place of the machine's processors. */
export interface ComputeDevice {
  readonly facts: DeviceFacts;
  /** Measures what it reaches at its best. Takes a second or so; rejects with a FailureError if the device fails. */
  measure(): Promise<DeviceRates>;
}

/** What one build of a micro-kernel reaches. */
export interface Ceiling {
  readonly build: string;
  readonly threads: number;
  /** Operations per second, on all threads together. */
  readonly flopsPerSecond: number;
}

/**
 * A prepared call, which may be run any number of times. For a kernel on a device or in another process a
 * call is `load`, `run`, `finish`, `fetch`, each waited for before the next; `run` and `finish` together are
 * its time.
 */
export interface Runnable {
  /**
   * Takes in the current q, k and v, such as into the memory of a device; reported as transfer time, separate
   * from the call. Omitted if `run` reads the arrays themselves.
   */
  load?(): void | Promise<void>;
  /**
   * Computes what a backward pass needs of the forward pass, outside its time, and keeps it in the arrays of `saved`. It
   * follows `load` and precedes `run`, which may then be called again for the same inputs but for `dout`, which is not to
   * be read here and holds other numbers meanwhile. Omitted by every other call, and if `run` needs nothing of the kind.
   */
  save?(): void | Promise<void>;
  /**
   * Every array in which `save` keeps something, the same ones every time: their bytes are reported, and nothing kept
   * elsewhere may reach `run`. Omitted if nothing is kept.
   */
  saved?(): readonly SavedArray[];
  /** Computes the whole output anew from q, k and v, or, if there is a `finish`, starts doing so. */
  run(): void;
  /** The fence: resolves once all calls started are computed. Omitted if `run` computes before it returns. */
  finish?(): Promise<void>;
  /**
   * Makes `calls` calls by a clock of its own, if that is more exact than a clock around `run` and `finish`.
   * Resolves once they are computed, to the time they took together.
   */
  timed?(calls: number): Promise<OwnTime>;
  /**
   * By which clock `timed` tells its `wall`: that of this process, from before a submission to after its fence, or the
   * device's own. Results show it next to its times. Omitted if it does not say.
   */
  readonly clock?: "host" | "device";
  /** Brings the output of the last call into `output()`, outside its time; omitted if `run` writes there. */
  fetch?(): void | Promise<void>;
  /**
   * Where `run` reads q, k and v, if not from the problem's own arrays: views of the kernel's memory, into
   * which `prepare` copied them.
   */
  inputs?(): AttentionInputs;
  /**
   * Where the output is, `[batch, heads, queries, valueDim]`, or the tensors of a gradient one after the other: the array
   * handed to `prepare`, or a view of the kernel's own memory that leaves `GUARD` floats on both sides which must not be
   * written.
   */
  output(): Float32Array;
  /**
   * What it chose in the last call, if its kind chooses what a query reads: read after a call, outside its time. Omitted by
   * other kinds.
   */
  choice?(): Choice;
  /** Seconds of all calls so far in which it chose, by the kernel's own clock; omitted if its kind chooses nothing. */
  selectSeconds?(): number;
  /** The same in which it multiplied with the weights of a layer; omitted if there is no layer. */
  projectSeconds?(): number;
  /**
   * Bytes beyond q, k, v and out that it holds: schedule, packed panels, state; null if it does not count
   * them.
   */
  readonly workspaceBytes: number | null;
  /**
   * Floating-point operations of one `run`, with whole tiles counted; null if the kernel does not count them.
   */
  readonly executedFlops: number | null;
  /**
   * Bytes of q, k, v and out that one `run` reads and writes, caches not considered; null if it does not
   * count them.
   */
  readonly bytes: number | null;
  /**
   * Why it counts fewer operations or bytes than the mathematics takes; if omitted, fewer are refused.
   * Results show it next to its times.
   */
  readonly whyFewer?: string;
  /** The process that it computes in; omitted if it is this one. */
  readonly process?: OtherProcess;
  /** Frees what is not on the JavaScript heap. */
  dispose(): void;
}

/** What a forward pass leaves for the backward pass: a whole array, or a view of the kernel's memory. */
export type SavedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

/** A process that computes in the place of this one. */
export interface OtherProcess {
  /** Its number; null while it does not run. */
  readonly pid: number | null;
  /** The number of the thread of this process that hands on what it is asked and answers, if the system tells it. */
  readonly attendant: number | null;
  /** Whether it computes on this machine's processors, whose limits are known, and on no device. */
  readonly onProcessors: boolean;
}

/** The time several calls took together by a kernel's own clock. */
export interface OwnTime {
  /** Seconds from the first call's start to the last one's end. */
  readonly wall: number;
  /** Seconds of those in which the device computed; null if it does not say. */
  readonly device: number | null;
  /**
   * Seconds of those in which this process handed calls to the device: the others it waited for it, so that it must have
   * computed in most of them. Omitted if it does not say, and what the device says is then not held against that.
   */
  readonly submitting?: number;
}

/** Floats kept free on both sides of every output, for canaries. */
export const GUARD = 16;

/** An output array of `count` floats with `GUARD` floats on both sides of it in the same buffer. */
export function guardedOutput(count: number): Float32Array {
  return new Float32Array(count + 2 * GUARD).subarray(GUARD, GUARD + count);
}
