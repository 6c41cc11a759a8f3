import type { BoundPattern } from "../../../core/pattern.ts";
import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import type { RowNumbers } from "../../../pairwise/row-numbers.ts";
import { visibleKeys } from "../../visible-keys.ts";
import type { MemoryPlan, Region } from "../call/memory.ts";
import { writeWords } from "../call/write-words.ts";
import { LANES } from "../code/transpose.ts";
import { CALL, LANE } from "./layout.ts";

const WORD = 8;

/** Writes what all threads read of a call. */
export function writeCall(call: Region, shape: Shape, numbers: RowNumbers, scale: number): void {
  const { headDim, valueDim } = shape;
  const words: readonly (readonly [number, number])[] = [
    [CALL.queryBytes, headDim * FLOAT_BYTES],
    [CALL.outputBytes, valueDim * FLOAT_BYTES],
    [CALL.keyBytes, headDim * FLOAT_BYTES],
    [CALL.valueBytes, valueDim * FLOAT_BYTES],
    [CALL.channels, headDim],
    [CALL.valueDim, valueDim],
    [CALL.channelTail, lanesOfTail(headDim)],
    [CALL.columnTail, lanesOfTail(valueDim)],
    [CALL.numbered, numbers.of === null ? 0 : numberedPlace(numbers)],
    ...Array.from({ length: 8 }, (_, at) => [CALL.keySteps + WORD * at, at * headDim * FLOAT_BYTES] as const),
    ...Array.from(
      { length: 8 },
      (_, at) => [CALL.valueSteps + WORD * at, at * valueDim * FLOAT_BYTES] as const,
    ),
  ];
  writeWords(call, words);
  const begins = stateOf(numbers);
  for (const [field, value] of [
    [CALL.scale, scale],
    [CALL.base, begins.base],
    [CALL.total, begins.total],
    [CALL.limit, begins.limit],
    [CALL.sink, numbers.number],
  ]) {
    call.floats[field / FLOAT_BYTES] = value;
  }
}

/** Which of the last 16 columns there are. */
function lanesOfTail(columns: number): number {
  return 2 ** (((columns - 1) % LANES) + 1) - 1;
}

/** The state of a row that has seen no key. */
function stateOf({ normaliser, number }: RowNumbers): { base: number; total: number; limit: number } {
  if (normaliser === "relu") return { base: 0, total: number, limit: 0 };
  if (normaliser === "sigmoid") return { base: -number, total: 0, limit: 0 };
  return { base: 0, total: 0, limit: Number.NEGATIVE_INFINITY };
}

function numberedPlace({ normaliser }: RowNumbers): number {
  return normaliser === "relu" ? LANE.total : LANE.base;
}

/** Makes room for the numbers of the rows of each pattern, if they have some. Returns what says where they are. */
export function planNumbers(
  { of, normaliser }: RowNumbers,
  patterns: readonly BoundPattern[],
  rows: number,
  plan: MemoryPlan,
): () => ReadonlyMap<BoundPattern, bigint> {
  if (of === null) return () => new Map();
  const planned = patterns.map((pattern) => [pattern, plan.reserve(rows * FLOAT_BYTES)] as const);
  const sign = normaliser === "sigmoid" ? -1 : 1;
  return () =>
    new Map(
      planned.map(([pattern, region]) => {
        const { floats, address } = region();
        const keys = visibleKeys(pattern);
        for (let row = 0; row < rows; row++) floats[row] = sign * of(keys[row]);
        return [pattern, address];
      }),
    );
}
