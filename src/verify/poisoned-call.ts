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
 * Calls with NaN in k and v of one token, and looks at every row that does not attend it: a kernel must not
 * compute a weight of 0 times a value. Null if all are finite, or if every row attends every token.
 */
export async function poisonedCall(
  { problem, output, whole, choice }: Called,
  seed: number,
): Promise<string | null> {
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
  return await whilePoisoned(inputs, token, async () => {
    output.fill(0);
    const pending = whole();
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

/** Calls `act` while k and v of one token are NaN in every head. */
function whilePoisoned<T>(inputs: AttentionInputs, token: number, act: () => T): T {
  const kept: { tensor: Float32Array; at: number; row: Float32Array }[] = [];
  for (const name of ["k", "v"] as const) {
    const tensor = inputs[name];
    const layout = layoutOf(inputs.shape, name);
    for (let slice = 0; slice < layout.batch * layout.heads; slice++) {
      const at = offsetIn(layout, 0, slice, token);
      kept.push({ tensor, at, row: tensor.slice(at, at + layout.width) });
      tensor.fill(Number.NaN, at, at + layout.width);
    }
  }
  return thenUndo(act, () => {
    for (const { tensor, at, row } of kept) tensor.set(row, at);
  });
}
