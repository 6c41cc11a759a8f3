import { type Dtype, formatOf } from "../core/dtype.ts";
import { randomStream } from "../core/random.ts";
import { layoutOf, offsetIn } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import { reads } from "../mechanisms/judged.ts";
import { float64 } from "../mechanisms/oracle.ts";
import type { Called } from "./called.ts";
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
  const { batch, heads, length, queries, headDim } = shape;
  const layout = layoutOf(shape, "output");
  if (!kind.pairwise && !causal) return null;
  if (![inputs.q, inputs.k, inputs.v].every((tensor) => tensor.every(Number.isFinite))) return null;
  const read = reads(problem);
  const blind = (head: number, row: number, key: number): boolean => !read[head].attends(row, key);
  const random = randomStream(seed, length, headDim);
  const tried = [length - 1, ...Array.from({ length: TRIES }, () => random.below(length))];
  const token = tried.find((key) => {
    for (let row = 0; row < queries; row++) if (blind(0, row, key)) return true;
    return false;
  });
  if (token === undefined) return null;
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
      return tracedIn(called, before, token, blind);
    });
  }
  return await whilePlanted(inputs, token, NOT_A_NUMBER, async () => {
    const pending = call();
    if (pending !== null) await pending;
    for (let slice = 0; slice < batch * heads; slice++) {
      const [entry, head] = [Math.floor(slice / heads), slice % heads];
      for (let row = 0; row < queries; row++) {
        const at = offsetIn(layout, entry, head, row);
        const column = output.subarray(at, at + layout.width).findIndex((value) => !Number.isFinite(value));
        if (column < 0 || !blind(head, row, token)) continue;
        const place = { batch: entry, head, row };
        const chosen = onChoice(kind.oracle(problem), choice(), [place]);
        if ("fault" in chosen) return `with NaN in token ${token}: ${chosen.fault}`;
        const [{ values }] = chosen.oracle.rows([place], float64);
        const expected = values[column];
        if (!Number.isFinite(expected)) continue;
        const where = `row ${row} of batch ${entry}, head ${head}, column ${column}`;
        return `${where}: got ${output[at + column]} with NaN in token ${token}, which it does not attend`;
      }
    }
    return null;
  });
}

const NOT_A_NUMBER = { k: Number.NaN, v: Number.NaN } as const;

/** The first row that does not attend the token and has changed, in words; null if there is none. */
function tracedIn(
  { problem: { shape, dtype }, output }: Called,
  before: Float32Array,
  token: number,
  blind: (head: number, row: number, key: number) => boolean,
): string | null {
  const { batch, heads, queries } = shape;
  const layout = layoutOf(shape, "output");
  const noTrace = Math.max(NO_TRACE.share, NO_TRACE.steps * formatOf(dtype).epsilon);
  for (let slice = 0; slice < batch * heads; slice++) {
    const [entry, head] = [Math.floor(slice / heads), slice % heads];
    for (let row = 0; row < queries; row++) {
      if (!blind(head, row, token)) continue;
      const at = offsetIn(layout, entry, head, row);
      const [old, now] = [before, output].map((one) => one.subarray(at, at + layout.width));
      const most = noTrace * old.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
      const column = old.findIndex((value, index) => !(Math.abs(now[index] - value) <= most));
      if (column < 0) continue;
      return `row ${row} of batch ${entry}, head ${head}, column ${column}: ${old[column]} became ${now[column]} with other numbers in token ${token}, which it does not attend`;
    }
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
