import type { Shape } from "../../../core/shape.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { Turn } from "../../../pairwise/turn.ts";
import { fillTurns } from "../../../pairwise/turn-table.ts";
import type { OwnedBuffers } from "../gpu/owned-buffers.ts";
import { aligned, type StepSizes } from "../gpu/step-queue.ts";
import { quadsOf, type StepShape } from "./step-shape.ts";
import type { StepTables } from "./tables.ts";
import { TAKE_IN_BINDINGS } from "./take-in-shader.ts";
import { ROW, TOKEN } from "./token-words.ts";

/** Bytes of four floats. */
const QUAD_BYTES = 16;

/** What all dispatches of a stepper share on the device. */
export interface StepMemory {
  readonly tables: GPUBuffer;
  readonly keys: GPUBuffer;
  readonly values: GPUBuffer;
  /** Which token lies in each row; null if nothing is added to scores. */
  readonly tokenAt: GPUBuffer | null;
  /** Cosines and sines of every token; null if none is turned. */
  readonly angles: GPUBuffer | null;
  readonly parts: GPUBuffer;
}

/** Makes it, for at most so many parts of a row. */
export function stepMemory(
  owned: OwnedBuffers,
  { headDim, valueDim, batch, heads, length }: Shape,
  { biased }: StepShape,
  turn: Turn | undefined,
  { words, rows }: StepTables,
  mostParts: number,
): StepMemory {
  const angles = turn && new Float32Array(length * headDim);
  if (turn && angles) fillTurns(turn, headDim, { from: 0, to: length }, angles);
  const joined = mostParts > 1 ? batch * heads * mostParts * (quadsOf(valueDim) + 1) : 0;
  return {
    tables: owned.constant("tables", words),
    keys: owned.storage("keys", rows * quadsOf(headDim) * QUAD_BYTES),
    values: owned.storage("values", rows * quadsOf(valueDim) * QUAD_BYTES),
    tokenAt: biased ? owned.storage("tokens of rows", rows * FLOAT_BYTES) : null,
    angles: angles === undefined ? null : owned.constant("angles", angles),
    parts: owned.storage("parts", joined * QUAD_BYTES),
  };
}

/** Where the parts of a step's token are, in bytes from where it begins; the words and the queries are bound together. */
export interface TokenLayout {
  readonly rowsAt: number;
  readonly queriesAt: number;
  readonly wordBytes: number;
  readonly keysAt: number;
  readonly keyBytes: number;
  readonly valuesAt: number;
  readonly valueBytes: number;
}

export function tokenLayout(shape: Shape, schedules: number): TokenLayout {
  const { batch, heads, kvHeads, headDim, valueDim } = shape;
  const rowsAt = TOKEN.words + schedules;
  const queriesAt = rowsAt + schedules * ROW.words;
  const wordBytes = FLOAT_BYTES * (queriesAt + batch * heads * headDim);
  const keysAt = aligned(wordBytes);
  const keyBytes = FLOAT_BYTES * batch * kvHeads * headDim;
  const valuesAt = aligned(keysAt + keyBytes);
  const valueBytes = FLOAT_BYTES * batch * kvHeads * valueDim;
  return { rowsAt, queriesAt, wordBytes, keysAt, keyBytes, valuesAt, valueBytes };
}

/** What a step takes in and brings. */
export function stepSizes({ batch, heads, valueDim }: Shape, layout: TokenLayout): StepSizes {
  return {
    token: layout.valuesAt + layout.valueBytes,
    output: batch * heads * quadsOf(valueDim) * QUAD_BYTES,
  };
}

/** What taking tokens in is bound to besides the tokens. */
export function cacheBindings({ tables, keys, values, tokenAt, angles }: StepMemory) {
  const B = TAKE_IN_BINDINGS;
  return {
    [B.tables]: tables,
    [B.keys]: keys,
    [B.values]: values,
    ...(tokenAt !== null && { [B.tokenAt]: tokenAt }),
    ...(angles !== null && { [B.angles]: angles }),
  };
}
