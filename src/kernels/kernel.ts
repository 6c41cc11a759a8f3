import type { Problem, Task } from "../core/problem.ts";
import type { Shape } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import type { DecodeKernel } from "./stepper.ts";

/**
 * A family of code that runs attention. Kernels never see which variant they run: a mechanism comes as data.
 * Whether a kernel can run is a value, never an exception.
 */
export interface Kernel {
  readonly id: string;
  readonly title: string;
  /** What the results record of the code that runs, where a name is not enough: build, flags, hash. */
  details?(): string;
  /** Why it cannot run here whatever the task, null where it can; left out where it always can. */
  unavailable?(): string | null;
  /**
   * Finds the device or starts the process that it computes on. Asked once, before anything else: `true`, or why it
   * cannot run here. Left out where there is nothing to find.
   */
  open?(): Promise<true | string>;
  /** Operations a second on one thread that a first guess may count on; 4e9 where left out. */
  readonly assumedRate?: number;
  /** What this family can measure of the machine's limits; left out where it cannot. */
  readonly limits?: MachineLimits;
  /**
   * Arrays for q, k, v and out of a shape that this kernel reads and writes in place, where it would copy others. Left out
   * where any arrays do; other kernels may use them too.
   */
  allocate?(shape: Shape): CallTensors;
  /**
   * `true`, or why it cannot: the machine, the mechanism, the shape. A softmax mechanism may have a `scale`; where it has none it
   * is 1/√d, and `scaleOf` gives either.
   */
  supports(task: Task): true | string;
  /**
   * Compiles the schedule and allocates. Timed apart from `run`, as *prepare time*. What is packed from k or v on each
   * call belongs to `run`, since k and v change from call to call.
   */
  prepare(problem: Problem, output: Float32Array): Runnable | Promise<Runnable>;
  /** One token at a time; left out where it cannot. */
  readonly decode?: DecodeKernel;
}

/** A kernel that prepares at once. */
export interface ReadyKernel extends Kernel {
  prepare(problem: Problem, output: Float32Array): Runnable;
}

/** The arrays of one call, each `[batch, heads, length, headDim]`, the output with `GUARD` floats on both sides of it. */
export interface CallTensors {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly output: Float32Array;
}

/** Measures what the machine can do at its best, against which results are read. Empty where nothing can be measured. */
export interface MachineLimits {
  /**
   * The best rate of each build's micro-kernel on `threads` threads at once, operands in the nearest cache, fastest build
   * first. Takes about a tenth of a second a build.
   */
  ceilings(threads: number): readonly Ceiling[];
  /** Bytes a second that one thread reads from `bytes` bytes of memory, over and over; null where it cannot. */
  readBandwidth(bytes: number): number | null;
}

/** What one build of a micro-kernel reaches. */
export interface Ceiling {
  readonly build: string;
  readonly threads: number;
  /** Operations a second, on all threads together. */
  readonly flopsPerSecond: number;
}

/**
 * A prepared call, which may be run any number of times. What computes on a device or in another process is called as
 * `load`, `run`, `finish`, `fetch`, and each is waited for before the next; `run` and `finish` together are its time.
 */
export interface Runnable {
  /**
   * Takes in q, k and v as they now stand, such as into the memory of a device; told as transfer time, apart from the
   * call. Left out where `run` reads the arrays themselves.
   */
  load?(): void | Promise<void>;
  /** Computes the whole output anew from q, k and v, or, where there is a `finish`, puts that on its way. */
  run(): void;
  /** The fence: resolves once all calls put on their way are computed. Left out where `run` computes before it returns. */
  finish?(): Promise<void>;
  /**
   * Makes `calls` calls by a clock of its own, for what that tells better than a clock around `run` and `finish`.
   * Resolves once they are computed, to what they took together.
   */
  timed?(calls: number): Promise<OwnTime>;
  /** Brings the output of the last call into `output()`, outside of its time; left out where `run` writes there. */
  fetch?(): void | Promise<void>;
  /**
   * Where `run` reads q, k and v, where that is not the problem's own arrays: views of the kernel's memory, into which
   * `prepare` copied them.
   */
  inputs?(): AttentionInputs;
  /**
   * Where the output is, `[batch, heads, length, headDim]`: the array handed to `prepare`, or a view of the kernel's own
   * memory that leaves `GUARD` floats on both sides which nobody may write.
   */
  output(): Float32Array;
  /** Bytes beyond q, k, v and out that it holds: schedule, packed panels, state; null where it does not count. */
  readonly workspaceBytes: number | null;
  /** Floating-point operations of one `run`, where tiles count whole; null where the kernel does not count. */
  readonly executedFlops: number | null;
  /** Bytes of q, k, v and out that one `run` reads and writes, caches not considered; null where it does not count. */
  readonly bytes: number | null;
  /**
   * Why it counts fewer operations or bytes than the mathematics takes; left out where it does not, and then fewer are refused.
   * Results show it beside its times.
   */
  readonly whyFewer?: string;
  /** Frees what is not on the JavaScript heap. */
  dispose(): void;
}

/** What several calls took together by a kernel's own clock. */
export interface OwnTime {
  /** Seconds from the first call's start to the last one's end. */
  readonly wall: number;
  /** Seconds of those in which the device computed; null where it does not tell. */
  readonly device: number | null;
}

/** Floats kept free on both sides of every output, for canaries. */
export const GUARD = 16;

/** An output array of `count` floats with `GUARD` floats on both sides of it in the same buffer. */
export function guardedOutput(count: number): Float32Array {
  return new Float32Array(count + 2 * GUARD).subarray(GUARD, GUARD + count);
}
