import { type Dtype, formatOf } from "../core/dtype.ts";
import { OUT, placeText, rowsIn } from "../core/outputs.ts";
import { randomStream } from "../core/random.ts";
import { remembered } from "../core/remembered.ts";
import type { RowPlace } from "../core/rows.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import { gradientName } from "../mechanisms/gradient/declare.ts";
import { type JudgedProblem, reads } from "../mechanisms/judged.ts";
import { float64 } from "../mechanisms/oracle.ts";
import { outputsOf } from "../mechanisms/outputs.ts";
import type { Called } from "./called.ts";
import { isSummed } from "./gradient-rows.ts";
import { onChoice } from "./handed-choice.ts";
import { thenUndo } from "./then-undo.ts";

/** Tokens that are tried until one is found that some row does not attend. */
const TRIES = 4;

/**
 * What is planted in k and v where a kernel is for finite numbers alone: a trace of it is as large as any output. Powers of 2
 * that are numbers of the dtype, far enough from its largest that products of them are finite.
 */
function hugeOf(dtype: Dtype | undefined): Readonly<Record<"k" | "v", number>> {
  const most = Math.log2(formatOf(dtype).most);
  return { k: 2 ** Math.floor(most / 4), v: 2 ** Math.floor((3 * most) / 4) };
}

/**
 * Of the largest number of a row, what its numbers may change by, in steps of its dtype: much more than the order of a sum
 * makes, much less than a trace.
 */
const NO_TRACE = { share: 1e-3, steps: 8 } as const;

/**
 * Calls with NaN in k and v of one token, and looks at every row that does not attend it: a kernel must not
 * compute a weight of 0 times a value. For a kernel of finite numbers alone huge ones are planted, which must leave those rows
 * as they were. Null if all are finite, or if every row attends every token.
 */
export async function poisonedCall(called: Called, seed: number): Promise<string | null> {
  const { problem, output, whole, choice, finiteOnly = false } = called;
  const { kind, shape, causal, inputs } = problem;
  const { length, queries, headDim } = shape;
  if (!kind.pairwise && !causal) return null;
  if (![inputs.q, inputs.k, inputs.v].every((tensor) => tensor.every(Number.isFinite))) return null;
  const read = reads(problem);
  const random = randomStream(seed, length, headDim);
  const tried = [length - 1, ...Array.from({ length: TRIES }, () => random.below(length))];
  const token = tried.find((key) => {
    for (let row = 0; row < queries; row++) if (!read[0].attends(row, key)) return true;
    return false;
  });
  if (token === undefined) return null;
  const isBlind = blindTo(problem, token);
  const call = () => {
    output.fill(0);
    return whole();
  };
  if (finiteOnly) {
    const pending = call();
    if (pending !== null) await pending;
    const before = output.slice();
    return await whilePlanted(inputs, token, hugeOf(problem.dtype), async () => {
      const again = call();
      if (again !== null) await again;
      return tracedIn(called, before, token, isBlind);
    });
  }
  return await whilePlanted(inputs, token, NOT_A_NUMBER, async () => {
    const pending = call();
    if (pending !== null) await pending;
    for (const { place, at, width } of rowsIn(outputsOf(problem))) {
      const column = output.subarray(at, at + width).findIndex((value) => !Number.isFinite(value));
      if (column < 0 || !isBlind(place)) continue;
      const chosen = onChoice(kind.oracle(problem), choice(), [place]);
      if ("fault" in chosen) return `with NaN in token ${token}: ${chosen.fault}`;
      const [{ values }] = chosen.oracle.rows([place], float64);
      if (!Number.isFinite(values[column])) continue;
      const where = `${placeText(place)}, column ${column}`;
      return `${where}: got ${output[at + column]} with NaN in token ${token}, which it does not attend`;
    }
    return null;
  });
}

const NOT_A_NUMBER = { k: Number.NaN, v: Number.NaN } as const;

/**
 * Whether a row of a call's tensors can know nothing of a token: a query that does not attend it, and a key that is attended
 * by no query which attends the token as well.
 */
function blindTo(problem: JudgedProblem, token: number): (place: RowPlace) => boolean {
  const { shape } = problem;
  const read = reads(problem);
  const attending = remembering((head) => {
    const queries = Array.from({ length: shape.queries }, (_, row) => row);
    return queries.filter((row) => read[head].attends(row, token));
  });
  return (place) => {
    const { tensor = OUT, head, row } = place;
    if (!isSummed({ tensor })) return !read[head].attends(row, token);
    // Whatever is of no token may be of all.
    if (tensor !== gradientName("k") && tensor !== gradientName("v")) return false;
    return read.every(
      (pattern, reader) =>
        kvHeadOf(shape, reader) !== head || !attending(reader).some((query) => pattern.attends(query, row)),
    );
  };
}

function remembering<T>(make: (key: number) => T): (key: number) => T {
  const known = new Map<number, T>();
  return (key) => remembered(known, key, () => make(key));
}

/** The first row that does not attend the token and has changed, in words; null if there is none. */
function tracedIn(
  { problem, output }: Called,
  before: Float32Array,
  token: number,
  isBlind: (place: RowPlace) => boolean,
): string | null {
  const noTrace = Math.max(NO_TRACE.share, NO_TRACE.steps * formatOf(problem.dtype).epsilon);
  for (const { place, at, width } of rowsIn(outputsOf(problem))) {
    const [old, now] = [before, output].map((one) => one.subarray(at, at + width));
    const most = noTrace * old.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const column = old.findIndex((value, index) => !(Math.abs(now[index] - value) <= most));
    if (column < 0 || !isBlind(place)) continue;
    return `${placeText(place)}, column ${column}: ${old[column]} became ${now[column]} with other numbers in token ${token}, which it does not attend`;
  }
  return null;
}

/** Calls `act` while k and v of one token are other numbers in every head. */
function whilePlanted<T>(
  inputs: AttentionInputs,
  token: number,
  planted: Readonly<Record<"k" | "v", number>>,
  act: () => T,
): T {
  const kept: { tensor: Float32Array; at: number; row: Float32Array }[] = [];
  for (const name of ["k", "v"] as const) {
    const tensor = inputs[name];
    const layout = layoutOf(inputs.shape, name);
    for (let slice = 0; slice < layout.batch * layout.heads; slice++) {
      const at = offsetIn(layout, 0, slice, token);
      kept.push({ tensor, at, row: tensor.slice(at, at + layout.width) });
      tensor.fill(planted[name], at, at + layout.width);
    }
  }
  return thenUndo(act, () => {
    for (const { tensor, at, row } of kept) tensor.set(row, at);
  });
}
