import type { Bias } from "../../../pairwise/bias.ts";
import { type BiasTables, biasTables, fillBiases } from "../../../pairwise/bias-tables.ts";
import { BIAS_TABLE, bindBiases } from "../../../pairwise/bind-biases.ts";
import type { TokenRange } from "../../../pairwise/turn-table.ts";
import type { CallBuilder } from "../gpu/call-builder.ts";
import { gridOf } from "../wgsl/grid.ts";
import { uniformWords } from "../wgsl/uniform.ts";
import { BIAS_BINDINGS, BIAS_CALL, BIAS_THREADS, biasShader } from "./bias-shader.ts";

/** What a bias is asked about. */
export interface BiasedCall {
  /** Heads of q. */
  readonly heads: number;
  readonly keys: number;
  readonly queries: TokenRange;
  readonly causal: boolean;
  /** The factor that scores have in the call. */
  readonly unit: number;
}

/** The biases of all heads on a device, and the distances that they are of. */
export interface DeviceBiases {
  readonly buffer: GPUBuffer;
  readonly tables: BiasTables;
}

/** Tables of a bias, one head behind the other: made once, or, of learned numbers, by a dispatch in each call. */
export async function planBiases(
  builder: CallBuilder,
  bias: Bias,
  { heads, keys, queries, causal, unit }: BiasedCall,
): Promise<DeviceBiases> {
  const tables = biasTables(bias, keys, queries);
  const { count } = tables;
  if (bias.table === undefined) {
    const values = new Float32Array(heads * count);
    for (const [head, bound] of bindBiases(bias, { heads, causal }).entries()) {
      fillBiases(bound, tables, unit, values.subarray(head * count, (head + 1) * count));
    }
    return { buffer: builder.constant("biases", values), tables };
  }
  const { entries } = bias.table;
  const buffer = builder.scratch("biases", 4 * heads * count);
  const call = { heads, entries, distances: count, unit };
  await builder.dispatch({
    label: "biases",
    code: biasShader(builder.storage),
    bindings: {
      [BIAS_BINDINGS.call]: builder.uniform("biases", uniformWords(BIAS_CALL, call)),
      [BIAS_BINDINGS.table]: builder.input(BIAS_TABLE),
      [BIAS_BINDINGS.entries]: builder.constant("entries", entriesOf(bias, causal, tables)),
      [BIAS_BINDINGS.biases]: buffer,
    },
    groups: [...gridOf(Math.ceil((heads * count) / BIAS_THREADS)), 1],
  });
  return { buffer, tables };
}

/** Which learned number each distance has: what a table says that holds the number of each of its entries. */
function entriesOf(bias: Bias, causal: boolean, { least, count }: BiasTables): Uint32Array {
  const numbers = Float64Array.from({ length: bias.table?.entries ?? 0 }, (_, entry) => entry);
  const bound = bias.bind({ head: 0, heads: 1, causal, table: numbers });
  return Uint32Array.from({ length: count }, (_, at) => bound.of(least + at));
}
