import { errorBudget } from "../core/error-budget.ts";
import type { Problem } from "../core/problem.ts";
import { elementCount, rowOffset, type Shape } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import { GUARD, type Runnable } from "../kernels/kernel.ts";
import { float32, float64 } from "../reference/precision.ts";
import type { Reference } from "../reference/reference.ts";
import type { RowPlace } from "./gate-rows.ts";

/** What the gate found. Green, or why not: the message names the row. */
export interface GateResult {
  /** Largest absolute error over the rows of the head that came nearest to its budget, or went furthest over it. */
  readonly error: number;
  /** What was allowed in that head. */
  readonly budget: number;
  readonly rows: number;
  /** Relative Frobenius distance to full softmax attention over the same rows; null where it was not asked for. */
  readonly fidelityError: number | null;
  readonly failure: string | null;
}

/** Expected rows of a problem: computed once, compared as often as wanted. */
export interface Expectation {
  compare(output: Float32Array): Omit<GateResult, "fidelityError">;
  /** What is allowed in the worst-conditioned head. */
  readonly largestBudget: number;
  /** Relative Frobenius distance of the rows from those of `full`. */
  distance(output: Float32Array, full: readonly Float64Array[]): number;
}

const CANARY = 0.1234567;

/** Remembers what inputs are; the function returned names the first that has changed since, or null. */
export function watchInputs(inputs: AttentionInputs): () => "q" | "k" | "v" | null {
  const before = checksums(inputs);
  return () => {
    const now = checksums(inputs);
    return (["q", "k", "v"] as const).find((name) => now[name] !== before[name]) ?? null;
  };
}

/**
 * Fills the output with NaN and its guards with canaries, runs once, and says what broke: an input changed since it was
 * watched, a write outside the output. Null where nothing did.
 */
export function runGuarded(
  problem: Problem,
  runnable: Runnable,
  changedInput = watchInputs(problem.inputs),
): string | null {
  const output = runnable.output();
  if (output.length !== elementCount(problem.shape)) {
    return `output() must hold ${elementCount(problem.shape)} floats, got ${output.length}`;
  }
  const guards = guardsOf(output);
  if (guards === null) {
    return `output() must leave ${GUARD} floats on both sides in its buffer; write to the output that prepare was given`;
  }
  output.fill(Number.NaN);
  for (const guard of guards) guard.fill(CANARY);
  runnable.run();
  const changed = changedInput();
  if (changed !== null) return `the kernel changed its input ${changed}`;
  const canary = Math.fround(CANARY);
  if (guards[0].some((value) => value !== canary))
    return "the kernel wrote before the first row of its output";
  if (guards[1].some((value) => value !== canary)) return "the kernel wrote past the last row of its output";
  return null;
}

/** Computes the expected rows of a problem in float64, and their budgets by a float32 pass. */
export function expectation(
  problem: Problem,
  reference: Reference,
  places: readonly RowPlace[],
  seed: number,
): Expectation {
  const { shape } = problem;
  const rows = places.map(({ batch, head, row }) => {
    const exact = reference(batch, head, row, float64);
    const rounded = reference(batch, head, row, float32);
    let float32Error = 0;
    let magnitude = 0;
    for (let i = 0; i < shape.headDim; i++) {
      // A row that is not finite in the reference has no error to speak of.
      if (!Number.isFinite(exact.values[i])) continue;
      magnitude = Math.max(magnitude, exact.magnitudes[i]);
      const error = Math.abs(rounded.values[i] - exact.values[i]);
      // Where float32 overflows it says nothing about how exact a finite output should be.
      if (error > float32Error && Number.isFinite(error)) float32Error = error;
    }
    return { expected: exact.values, float32Error, magnified: magnitude * (1 + exact.amplification) };
  });
  const budgets = new Map<number, number>();
  const sliceOf = ({ batch, head }: RowPlace): number => batch * shape.heads + head;
  for (let slice = 0; slice < shape.batch * shape.heads; slice++) {
    const own = rows.filter((_, index) => sliceOf(places[index]) === slice);
    const largest = (of: (row: (typeof rows)[number]) => number): number => Math.max(0, ...own.map(of));
    budgets.set(
      slice,
      errorBudget({
        float32Error: largest((row) => row.float32Error),
        magnified: largest((row) => row.magnified),
      }),
    );
  }

  return {
    largestBudget: Math.max(...budgets.values()),
    compare(output) {
      const unfinished = firstUnexpectedlyNotFinite(output, shape, reference, seed);
      let worst = { ratio: -1, error: 0, budget: 0, at: 0, column: 0 };
      for (let at = 0; at < places.length; at++) {
        const place = places[at];
        const budget = budgets.get(sliceOf(place)) as number;
        const offset = rowOffset(shape, place.batch, place.head, place.row);
        for (let column = 0; column < shape.headDim; column++) {
          const error = difference(output[offset + column], rows[at].expected[column]);
          const ratio = error === 0 ? 0 : error / budget;
          if (ratio > worst.ratio) worst = { ratio, error, budget, at, column };
        }
      }
      const failure = unfinished ?? (worst.ratio > 1 ? describeWorst() : null);
      return { error: worst.error, budget: worst.budget, rows: places.length, failure };

      function describeWorst(): string {
        const { batch, head, row } = places[worst.at];
        const got = output[rowOffset(shape, batch, head, row) + worst.column];
        const expected = rows[worst.at].expected[worst.column];
        return (
          `row ${row} of batch ${batch}, head ${head}, column ${worst.column}: got ${got}, expected ${expected}; ` +
          `error ${worst.error.toExponential(2)} over budget ${worst.budget.toExponential(2)}, seed ${seed}`
        );
      }
    },
    distance(output, full) {
      let apart = 0;
      let norm = 0;
      for (let at = 0; at < places.length; at++) {
        const { batch, head, row } = places[at];
        const offset = rowOffset(shape, batch, head, row);
        for (let column = 0; column < shape.headDim; column++) {
          apart += (output[offset + column] - full[at][column]) ** 2;
          norm += full[at][column] ** 2;
        }
      }
      return apart === 0 ? 0 : Math.sqrt(apart / norm);
    },
  };
}

/** |got - expected|, where the same infinity or NaN on both sides is no difference and on one side is infinite. */
function difference(got: number, expected: number): number {
  if (Object.is(got, expected) || (Number.isNaN(got) && Number.isNaN(expected))) return 0;
  const error = Math.abs(got - expected);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

/** Every element of the output must be finite unless the reference's is not; the first that breaks this, as a message. */
function firstUnexpectedlyNotFinite(
  output: Float32Array,
  shape: Shape,
  reference: Reference,
  seed: number,
): string | null {
  const { headDim, length, heads } = shape;
  let checked = -1;
  let rowsLookedAt = 0;
  for (let index = 0; index < output.length; index++) {
    if (Number.isFinite(output[index])) continue;
    const flatRow = Math.floor(index / headDim);
    if (flatRow === checked) continue;
    checked = flatRow;
    // Inputs full of NaN would ask for every row of the reference; the chosen rows are compared in any case.
    if (rowsLookedAt++ >= 64) return null;
    const row = flatRow % length;
    const head = Math.floor(flatRow / length) % heads;
    const batch = Math.floor(flatRow / (length * heads));
    const expected = reference(batch, head, row, float64).values;
    for (let column = 0; column < headDim; column++) {
      const got = output[flatRow * headDim + column];
      if (Number.isFinite(got) || !Number.isFinite(expected[column])) continue;
      const why = Number.isNaN(got) ? "NaN (never written, or computed so)" : String(got);
      return `row ${row} of batch ${batch}, head ${head}, column ${column}: got ${why}, expected ${expected[column]}; seed ${seed}`;
    }
  }
  return null;
}

function guardsOf(output: Float32Array): [Float32Array, Float32Array] | null {
  const before = output.byteOffset - GUARD * output.BYTES_PER_ELEMENT;
  const after = output.byteOffset + output.byteLength;
  if (before < 0 || after + GUARD * output.BYTES_PER_ELEMENT > output.buffer.byteLength) return null;
  return [new Float32Array(output.buffer, before, GUARD), new Float32Array(output.buffer, after, GUARD)];
}

function checksums({ q, k, v }: AttentionInputs): Record<"q" | "k" | "v", number> {
  return { q: checksum(q), k: checksum(k), v: checksum(v) };
}

/** Every bit counts. The rotation brings high bits down: without it an even number of changed signs cancels. */
function checksum(values: Float32Array): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let hash = 0x811c9dc5;
  for (let at = 0; at < words.length; at++) {
    hash = Math.imul(((hash << 13) | (hash >>> 19)) ^ words[at], 0x9e3779b1);
  }
  return hash;
}
