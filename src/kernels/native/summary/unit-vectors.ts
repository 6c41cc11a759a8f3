import type { Attend, HalfSquares } from "../../../mechanisms/summary/declare.ts";
import { Program } from "../call/program.ts";
import { BlockQueue, eachBlock, type Word } from "../products/block-queue.ts";
import type { Operand } from "../products/operations.ts";
import { bitsOf, bytesOf, packed, placeOf, wordsIn } from "../products/words.ts";
import type { ChainMatrix } from "./matrices.ts";
import { type ChainPart, givenBytes, ownPart, queuePart } from "./part.ts";
import type { Planning } from "./planning.ts";
import { COLUMNS, COLUMNS_BYTES, writeMost, writePowers, writeRowShares, writeSquares } from "./powers.ts";
import { below, productsOf, segmentsOf } from "./products.ts";

/** Rows of an item. */
const ROWS = 96;

/** Machine code of softmax over the numbers of a matrix themselves. */
export const POWERS = new Program("powers", (a) => {
  eachBlock(a, "most", COLUMNS_BYTES, () => writeMost(a));
  eachBlock(a, "powers", COLUMNS_BYTES, () => writePowers(a));
  eachBlock(a, "rowShares", COLUMNS_BYTES, () => writeRowShares(a));
  eachBlock(a, "squares", COLUMNS_BYTES, () => writeSquares(a));
});

/** What a block is made of. */
interface Powers {
  readonly from: Operand;
  readonly to: Operand | null;
  readonly rows: number;
  readonly columns: number;
  readonly scale: number;
  /** One row each. */
  readonly most: Operand | null;
  readonly sums: Operand | null;
  /** As many as are read if omitted. */
  readonly toColumns?: number;
}

/**
 * Unit vectors as queries: the scores of channel c are the c-th channels of the keys, so that row c of the output is
 * `Σj softmax_j(scale·keys_jc) values_j`. The greatest of each channel, powers and their sums by segments of keys; then
 * their product with the values.
 */
export function planUnitQueries(
  planning: Planning,
  step: Attend,
  keys: ChainMatrix,
  scale = step.scale,
): ChainPart[] {
  const { matrices } = planning;
  const [values, to] = [step.values, step.to].map((name) => matrices.named(name));
  const { rows, columns } = keys;
  const segments = segmentsOf(rows);
  const own = (count: number, width: number) => matrices.own(count, width, to.perHead);
  const [powers, most, greatest, sums] = [
    ...[own(rows, columns), own(segments, columns), own(1, columns), own(segments, columns)],
  ];
  const logs = step.logSums === undefined ? null : matrices.named(step.logSums);
  const copies = matrices.copies(to.perHead);
  const blocks = copies.flatMap(({ entry, head }) =>
    Array.from({ length: segments }, (_, segment): Powers => {
      const [first, end] = [segment, segment + 1].map((edge) => Math.floor((edge * rows) / segments));
      return {
        ...{ from: below(keys.of(entry, head), first), to: below(powers.of(entry, head), first) },
        ...{ rows: end - first, columns, scale: scale * Math.LOG2E },
        ...{ most: below(most.of(entry, head), segment), sums: below(sums.of(entry, head), segment) },
      };
    }),
  );
  const eachChannel = (body: (entry: number, head: number, channel: number) => void): void => {
    for (const { entry, head } of copies) {
      for (let channel = 0; channel < columns; channel++) body(entry, head, channel);
    }
  };
  const inSegments = (matrix: ChainMatrix, entry: number, head: number, channel: number): number[] => {
    const { array, from, row } = matrix.of(entry, head);
    return Array.from({ length: segments }, (_, segment) => array[from + segment * row + channel]);
  };
  return [
    partOf(planning, "most", blocks, givenBytes(copies.length, [[keys, 1]])),
    ownPart(() =>
      eachChannel((entry, head, channel) => {
        const { array, from } = greatest.of(entry, head);
        array[from + channel] = Math.max(...inSegments(most, entry, head, channel));
      }),
    ),
    partOf(
      planning,
      "powers",
      blocks.map((block, at) => {
        const { entry, head } = copies[Math.floor(at / segments)];
        return { ...block, most: greatest.of(entry, head) };
      }),
      givenBytes(copies.length, [[keys, 1]]),
    ),
    ...productsOf(planning, [{ a: powers, b: values, c: to, transposed: true }]),
    ownPart(() =>
      eachChannel((entry, head, channel) => {
        const total = inSegments(sums, entry, head, channel).reduce((sum, one) => sum + one, 0);
        const { array, from, row } = to.of(entry, head);
        const start = from + channel * row;
        for (let at = start; at < start + to.columns; at++) array[at] /= total;
        if (logs === null) return;
        const power = greatest.array[greatest.of(entry, head).from + channel];
        logs.array[logs.of(entry, head).from + channel] = (power + Math.log2(total)) * Math.LN2;
      }),
    ),
  ];
}

/** Unit vectors as keys: row i is `Σc softmax_c(scale·queries_ic) values_c`. */
export function planUnitKeys(
  planning: Planning,
  step: Attend,
  queries: ChainMatrix,
  scale = step.scale,
): ChainPart[] {
  const { matrices } = planning;
  const [values, to] = [step.values, step.to].map((name) => matrices.named(name));
  const { rows, columns } = queries;
  const shares = matrices.own(rows, columns, to.perHead);
  const copies = matrices.copies(to.perHead);
  const blocks = copies.flatMap(({ entry, head }) =>
    Array.from({ length: Math.ceil(rows / ROWS) }, (_, at): Powers => {
      const first = at * ROWS;
      return {
        ...{ from: below(queries.of(entry, head), first), to: below(shares.of(entry, head), first) },
        ...{ rows: Math.min(ROWS, rows - first), columns, scale: scale * Math.LOG2E },
        ...{ most: null, sums: null },
      };
    }),
  );
  return [
    partOf(planning, "rowShares", blocks, givenBytes(copies.length, [[queries, 1]])),
    ...productsOf(planning, [{ a: shares, b: values, c: to, transposed: false }]),
  ];
}

/** A vector: scale·|x_i|² of each row. */
export function planHalfSquares(planning: Planning, { of, to, factor }: HalfSquares): ChainPart {
  const { matrices } = planning;
  const [source, result] = [of, to].map((name) => matrices.named(name));
  const { rows, columns } = source;
  const copies = matrices.copies(result.perHead);
  const blocks = copies.flatMap(({ entry, head }) =>
    Array.from({ length: Math.ceil(rows / ROWS) }, (_, at): Powers => {
      const first = at * ROWS;
      return {
        ...{ from: below(source.of(entry, head), first), to: below(result.of(entry, head), first) },
        ...{ rows: Math.min(ROWS, rows - first), columns, scale: factor / 2, most: null, sums: null },
        toColumns: 1,
      };
    }),
  );
  return partOf(planning, "squares", blocks, givenBytes(copies.length, [[source, 1]]));
}

function partOf({ means }: Planning, entry: string, blocks: readonly Powers[], bytes: number): ChainPart {
  const of = { program: POWERS, entry, blockBytes: COLUMNS_BYTES };
  return queuePart(
    new BlockQueue(
      of,
      blocks.map((block) => [wordsOf(block)]),
      means,
    ),
    0,
    bytes,
  );
}

function wordsOf({ from, to, rows, columns, scale, most, sums, toColumns = columns }: Powers): Word[] {
  const place = (operand: Operand | null, count: number, width = columns): Word =>
    operand === null ? 0n : placeOf(packed(operand), count, width);
  return wordsIn(COLUMNS, {
    from: place(from, rows),
    fromRow: bytesOf(from.row),
    to: place(to, rows, toColumns),
    toRow: bytesOf(to?.row ?? 0),
    rows: BigInt(rows),
    columns: BigInt(columns),
    scale: bitsOf(scale),
    most: place(most, 1),
    sums: place(sums, 1),
  });
}
