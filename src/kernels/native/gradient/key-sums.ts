import {
  type Assembler,
  at,
  type Gpr,
  number,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
  rax,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { LANES, VECTOR } from "../code/transpose.ts";
import { ITEM, LANE, ROW } from "../pairwise/layout.ts";
import { BACKWARD_CALL, BACKWARD_LANE } from "./layout.ts";

/**
 * Sums over queries: here the lanes of a vector are columns, and a number of a key and a query is broadcast.
 *
 *     dV[key][column]  += Σ_query Pᵀ[key][query] · Dout[query][column]
 *     dK[key][channel] += Σ_query dSᵀ[key][query] · Q[query][channel]
 *
 * The queries are those of an item; their sum is formed by itself and added then.
 */

/** Tiles of keys, tallest first, by their vectors: 24 sums, or fewer, leave room for both factors. */
const TALL: Readonly<Record<number, readonly number[]>> = {
  4: [6, 4, 2, 1],
  3: [8, 4, 2, 1],
  2: [8, 4, 2, 1],
  1: [8, 4, 2, 1],
};
const WIDEST = 4;
/** A vector has 2^6 bytes. */
const LOG_VECTOR = 6;

const rowsOfSum = [zmm(24), zmm(25), zmm(26), zmm(27)] as const;
/** Two, so that one is loaded while the other is used. */
const broadcasts = [zmm(28), zmm(29)] as const;

/** What is summed: a number of each key and query, by which rows of the lane, into the sums at which addresses. */
interface Summed {
  readonly numbers: number;
  readonly rows: number;
  readonly sums: number;
  /** Bytes of a row, in the call. */
  readonly rowBytes: number;
}

const SUMMED: readonly Summed[] = [
  {
    numbers: LANE.weights,
    rows: BACKWARD_LANE.doutPacked,
    sums: BACKWARD_LANE.valueSumRows,
    rowBytes: BACKWARD_CALL.columnBytes,
  },
  {
    numbers: BACKWARD_LANE.slopes,
    rows: BACKWARD_LANE.queriesPacked,
    sums: BACKWARD_LANE.keySumRows,
    rowBytes: BACKWARD_CALL.channelBytes,
  },
];

/** What the subroutines are given; the first and the last stay. */
const given = { row: r10, numbers: r12, rows: r13, sums: r14, vectors: rbx } as const;
/** Where the columns are in a row, in bytes; 8 times the key, counted in its block, and its numbers. */
const [column, key, numbersOfKey] = [rcx, rdx, r8];

/** Has the subroutine add the block to the sums of its keys and of its values. */
export function addToKeys(a: Assembler, subroutine: string): void {
  for (const { numbers, rows, sums, rowBytes } of SUMMED) {
    a.lea(given.numbers, at(rbp, numbers));
    a.lea(given.rows, at(rbp, rows));
    a.lea(given.sums, at(rbp, sums));
    a.mov(given.row, at(rdi, rowBytes));
    a.mov(given.vectors, given.row);
    a.shr(given.vectors, LOG_VECTOR);
    a.call(subroutine);
  }
}

/** A subroutine: products of a block of keys with all rows of an item, by panels of up to four vectors. */
export function sumTogether(a: Assembler, label: string): void {
  const [panel, done] = [a.fresh("panel"), a.fresh("summed")];
  a.label(label);
  a.xor(column, column);
  a.label(panel);
  a.test(given.vectors, given.vectors);
  a.jumpIf("e", done);
  // Five are three and two: a tile of one vector loads more than it multiplies.
  const three = a.fresh("three");
  a.cmp(given.vectors, number(5));
  a.jumpIf("e", three);
  for (let vectors = WIDEST; vectors >= 1; vectors--) {
    const narrower = a.fresh("narrower");
    a.cmp(given.vectors, number(vectors));
    a.jumpIf("l", narrower);
    if (vectors === 3) a.label(three);
    sumPanel(a, vectors);
    a.add(column, number(VECTOR * vectors));
    a.sub(given.vectors, number(vectors));
    a.jump(panel);
    a.label(narrower);
  }
  a.label(done);
  a.ret();
}

function sumPanel(a: Assembler, vectors: number): void {
  a.note(`sums of keys, ${LANES * vectors} columns`);
  a.xor(key, key);
  a.mov(numbersOfKey, given.numbers);
  for (const [order, keys] of TALL[vectors].entries()) {
    const [again, shorter] = [a.fresh("keys"), a.fresh("shorter")];
    a.label(again);
    a.lea(rax, at(key, 8 * keys));
    a.cmp(rax, at(rbp, LANE.blockEnd));
    a.jumpIf("g", shorter);
    sumTile(a, keys, vectors);
    a.add(key, number(8 * keys));
    a.add(numbersOfKey, number(ROW * keys));
    if (order === 0) a.jump(again);
    a.label(shorter);
  }
}

function sumTile(a: Assembler, keys: number, vectors: number): void {
  const sum = (of: number, vector: number): Zmm => zmm(of * vectors + vector);
  const [row, left, walked] = [r9, r11, r15];
  const eachSum = (body: (sum: Zmm, vector: number) => void): void => {
    for (let of = 0; of < keys; of++) {
      a.mov(rax, at(given.sums, 8 * of, key));
      for (let vector = 0; vector < vectors; vector++) body(sum(of, vector), vector);
    }
  };
  eachSum((_, vector) => a.prefetcht0(at(rax, VECTOR * vector, column)));
  for (let place = 0; place < keys * vectors; place++) a.vpxord(zmm(place), zmm(place), zmm(place));
  a.lea(row, at(given.rows, 0, column));
  a.mov(walked, numbersOfKey);
  rowsOfItem(a, left);
  countDown(a, left, 1, () => {
    for (let vector = 0; vector < vectors; vector++) a.vmovups(rowsOfSum[vector], at(row, VECTOR * vector));
    for (let of = 0; of < keys; of++) {
      a.vbroadcastss(broadcasts[of % 2], at(walked, ROW * of));
      for (let vector = 0; vector < vectors; vector++) {
        a.vfmadd231ps(sum(of, vector), rowsOfSum[vector], broadcasts[of % 2]);
      }
    }
    a.add(walked, number(4));
    a.add(row, given.row);
  });
  eachSum((x, vector) => {
    const place = at(rax, VECTOR * vector, column);
    a.vaddps(x, x, place);
    a.vmovupsStore(place, x);
  });
}

function rowsOfItem(a: Assembler, to: Gpr): void {
  a.mov(to, at(rbp, LANE.item));
  a.mov(to, at(to, ITEM.rows));
}

/**
 * A subroutine: the same for a block with a mask where a row of an item is not finite. Products are formed of
 * attended pairs alone, since 0 times such a row would be NaN; all other bits are as above.
 */
export function sumApart(a: Assembler, label: string): void {
  const [top, vectorTop, done] = ["apart", "apart_vector", "apart_done"].map((name) => a.fresh(name));
  const [row, left, walked, attends] = [r9, r11, r15, given.numbers];
  const [sum, factor] = [zmm(0), zmm(1)];
  a.label(label);
  a.mov(rsi, at(rbp, LANE.mask));
  a.mov(numbersOfKey, given.numbers);
  a.xor(key, key);
  a.label(top);
  a.cmp(key, at(rbp, LANE.blockEnd));
  a.jumpIf("ge", done);
  a.xor(column, column);
  a.label(vectorTop);
  a.vpxord(sum, sum, sum);
  a.mov(attends, at(rsi, 0, key));
  a.lea(row, at(given.rows, 0, column));
  a.mov(walked, numbersOfKey);
  rowsOfItem(a, left);
  countDown(a, left, 1, () => {
    const next = a.fresh("unattended");
    a.mov(rax, attends);
    a.and(rax, number(1));
    a.jumpIf("e", next);
    a.vbroadcastss(factor, at(walked));
    a.vfmadd231ps(sum, factor, at(row));
    a.label(next);
    a.shr(attends, 1);
    a.add(walked, number(4));
    a.add(row, given.row);
  });
  a.mov(rax, at(given.sums, 0, key));
  a.vaddps(sum, sum, at(rax, 0, column));
  a.vmovupsStore(at(rax, 0, column), sum);
  a.add(column, number(VECTOR));
  a.cmp(column, given.row);
  a.jumpIf("l", vectorTop);
  a.add(key, number(8));
  a.add(numbersOfKey, number(ROW));
  a.jump(top);
  a.label(done);
  a.ret();
}
