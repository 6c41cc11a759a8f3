import { outputCount } from "../core/outputs.ts";
import type { Problem } from "../core/problem.ts";
import { type AttentionInputs, namesIn, tensorNamed } from "../core/tensors.ts";
import { GUARD } from "../kernels/kernel.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import { outputsOf } from "../mechanisms/outputs.ts";
import type { Called } from "./called.ts";

const CANARY = 0.1234567;

/** Remembers what inputs are; the function returned names the first that has changed since, or null. */
export function watchInputs(inputs: AttentionInputs): () => string | null {
  const before = namesIn(inputs).map((name) => {
    const values = tensorNamed(inputs, name);
    return { name, values, sum: checksum(values) };
  });
  return () => before.find(({ values, sum }) => checksum(values) !== sum)?.name ?? null;
}

/**
 * What is wrong with where a kernel writes, or null. Asked once, after prepare: an output computed when it is
 * read is untimed work.
 */
export function outputFault(problem: JudgedProblem, output: Float32Array): string | null {
  const count = outputCount(outputsOf(problem));
  if (output.length !== count) return `output() must hold ${count} floats, got ${output.length}`;
  if (!setGuards(output)) {
    return `output() must leave ${GUARD} floats on both sides in its buffer; write to the output that prepare was given`;
  }
  return null;
}

/** What is wrong with the inputs that a kernel reads, which must equal the problem's, or null. */
export function inputsFault({ inputs }: Problem, read: AttentionInputs): string | null {
  for (const name of namesIn(inputs)) {
    const [own, theirs]: [Float32Array, unknown] = [tensorNamed(inputs, name), Reflect.get(read, name)];
    if (theirs === own) continue;
    if (!(theirs instanceof Float32Array) || theirs.length !== own.length) {
      const got = theirs instanceof Float32Array ? theirs.length : "none";
      return `inputs() must hold ${own.length} floats of ${name}, got ${got}`;
    }
    if (checksum(theirs) !== checksum(own)) {
      return `inputs() must hold the problem's ${name} after prepare, got other numbers`;
    }
  }
  return null;
}

/** Whether two views show the same bytes. */
export function sameView(one: Float32Array, other: Float32Array): boolean {
  return one.buffer === other.buffer && one.byteOffset === other.byteOffset && one.length === other.length;
}

/** The result of a call over an output of NaN between canaries. */
export interface GuardedRun {
  /** What broke: an input changed since it was watched, a write outside the output. Null if nothing did. */
  readonly broken: string | null;
  /**
   * The output, or the start of a long one, as it was when the call had ended, without what is written later.
   */
  readonly atReturn: Float32Array;
  /** Seconds of the call with all that belongs to it. */
  readonly seconds: number;
}

/** Only this many leading numbers of a longer output are copied. */
const MOST_COPIED = 2 ** 22;
/**
 * What is computed elsewhere is read again after this many seconds, or after as long again as the call took.
 */
const PAUSE = { least: 0.02, most: 1 } as const;

/**
 * Fills the output with NaN and its guards with canaries, calls once, and says what broke. What is computed
 * elsewhere is fetched again after a while, during which nothing may have been left to compute.
 */
export async function runGuarded(
  { problem, output, whole, fetch }: Called,
  now: () => number,
  changedInput = watchInputs(problem.inputs),
): Promise<GuardedRun> {
  setGuards(output);
  output.fill(Number.NaN);
  const start = now();
  const pending = whole();
  if (pending !== null) await pending;
  const seconds = now() - start;
  const atReturn = output.slice(0, MOST_COPIED);
  if (pending !== null) {
    await pauseAfter(seconds);
    await fetch();
  }
  const changed = changedInput();
  const broken = changed === null ? brokenGuard(output) : `the kernel changed its input ${changed}`;
  return { broken, atReturn, seconds };
}

/** A pause after something computed elsewhere that took so long: whatever was left to compute is done afterwards. */
export function pauseAfter(seconds: number): Promise<void> {
  const pause = Math.min(PAUSE.most, PAUSE.least + seconds);
  return new Promise((resolve) => setTimeout(resolve, 1000 * pause));
}

/** Puts canaries on both sides of an output; false if there is no room. */
export function setGuards(output: Float32Array): boolean {
  const guards = guardsOf(output);
  for (const guard of guards ?? []) guard.fill(CANARY);
  return guards !== null;
}

/** What was written outside an output since its guards were set; null if nothing. */
export function brokenGuard(output: Float32Array): string | null {
  const canary = Math.fround(CANARY);
  const [before, after] = guardsOf(output) ?? [[], []];
  if (before.some((value) => value !== canary)) return "the kernel wrote before the first row of its output";
  if (after.some((value) => value !== canary)) return "the kernel wrote past the last row of its output";
  return null;
}

function guardsOf(output: Float32Array): [Float32Array, Float32Array] | null {
  const before = output.byteOffset - GUARD * output.BYTES_PER_ELEMENT;
  const after = output.byteOffset + output.byteLength;
  if (before < 0 || after + GUARD * output.BYTES_PER_ELEMENT > output.buffer.byteLength) return null;
  return [new Float32Array(output.buffer, before, GUARD), new Float32Array(output.buffer, after, GUARD)];
}

/**
 * Every bit counts. The rotation brings high bits down: without it an even number of changed signs cancels.
 */
function checksum(values: Float32Array): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let hash = 0x811c9dc5;
  for (let at = 0; at < words.length; at++) {
    hash = Math.imul(((hash << 13) | (hash >>> 19)) ^ words[at], 0x9e3779b1);
  }
  return hash;
}
