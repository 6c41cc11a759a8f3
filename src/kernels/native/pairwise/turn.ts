import {
  type Assembler,
  at,
  type Gpr,
  type Mask,
  type Masking,
  mask,
  number,
  r8,
  r9,
  r10,
  r11,
  rax,
  rcx,
  rdi,
  rdx,
  rsi,
  zmm,
} from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { VECTOR } from "../code/transpose.ts";

/**
 * Rows that turn, as words of a block. `from`, `to` and `angles` are addresses of the first row, the steps lead from
 * one to the next, in bytes; a step of 0 of the angles turns all rows by the same ones. The others are `turnedWidth`.
 */
export const TURN = {
  from: 0,
  to: 8,
  angles: 16,
  rows: 24,
  fromStep: 32,
  toStep: 40,
  angleStep: 48,
  /** Bytes from the first channel of a pair to its second if they lie in two halves of a row, 0 if they are neighbours. */
  half: 56,
  /** Bytes of a row, or of half a one, that are whole vectors, and the lanes of what is left. */
  whole: 64,
  tail: 72,
} as const;

export const TURN_BYTES = 80;

const SUBROUTINE = "turn";

const [from, to, angles] = [rsi, rdi, rdx];
/** Where the second halves of those are. */
const [fromHalf, toHalf, anglesHalf] = [r8, r9, rcx];
const [column, rows, block] = [rax, r10, r11];

const TAIL = mask(1);
/** The first of each pair of neighbours, and the second. */
const FIRST = mask(2);
const SECOND = mask(3);

/** Lanes of each four, as `vpermilps` takes them: 1 0 3 2, 0 0 2 2 and 1 1 3 3. */
const SWAPPED = 0xb1;
const EVEN_TWICE = 0xa0;
const ODD_TWICE = 0xf5;

/**
 * Calls what `writeTurn` places: turns the rows of the block at an address, in place if `to` is `from`. Leaves alone
 * what System V functions do, vectors 6 to 31 and opmasks 4 to 7.
 */
export function callTurn(a: Assembler, at: Gpr): void {
  if (at !== block) a.mov(block, at);
  a.call(SUBROUTINE);
}

/**
 * Rotary positions (Su et al. 2021, arXiv 2104.09864): each pair (x, y) of channels becomes (x·cos − y·sin, x·sin +
 * y·cos), with the angles of its row's token as `fillTurns` lays them out.
 */
export function writeTurn(a: Assembler): void {
  a.label(SUBROUTINE);
  for (const [register, word] of [
    [from, TURN.from],
    [to, TURN.to],
    [angles, TURN.angles],
    [rows, TURN.rows],
  ] as const) {
    a.mov(register, at(block, word));
  }
  a.kmovwLoad(TAIL, at(block, TURN.tail));
  a.mov(rax, at(block, TURN.half));
  a.test(rax, rax);
  a.jumpIf("e", "turn_neighbours");
  eachRow(a, () => {
    a.mov(rax, at(block, TURN.half));
    a.lea(fromHalf, at(from, 0, rax));
    a.lea(toHalf, at(to, 0, rax));
    a.lea(anglesHalf, at(angles, 0, rax));
    eachVector(a, turnHalves);
  });
  a.label("turn_neighbours");
  a.movImmediate(rax, 0x5555);
  a.kmovw(FIRST, rax);
  a.knotw(SECOND, FIRST);
  eachRow(a, () => eachVector(a, turnNeighbours));
}

/** Does `body` for every row, and returns. */
function eachRow(a: Assembler, body: () => void): void {
  countDown(a, rows, 1, () => {
    body();
    a.add(from, at(block, TURN.fromStep));
    a.add(to, at(block, TURN.toStep));
    a.add(angles, at(block, TURN.angleStep));
  });
  a.ret();
}

/** Does `body` for the vectors of a row at `column`, the last of which may be a part of one: its other lanes are neither read nor written. */
function eachVector(a: Assembler, body: (a: Assembler, tail?: Mask) => void): void {
  const [vector, last, done] = ["vector", "last", "row_done"].map((name) => a.fresh(name));
  a.xor(column, column);
  a.label(vector);
  a.cmp(column, at(block, TURN.whole));
  a.jumpIf("ge", last);
  body(a);
  a.add(column, number(VECTOR));
  a.jump(vector);
  a.label(last);
  a.kortestw(TAIL, TAIL);
  a.jumpIf("e", done);
  body(a, TAIL);
  a.label(done);
}

/** Cosines and sines lie as the channels do. */
function turnHalves(a: Assembler, tail?: Mask): void {
  const [x, y, cosine, sine, turnedX, turnedY] = [0, 1, 2, 3, 4, 5].map(zmm);
  const { load, store } = lanes(tail);
  a.vmovups(x, at(from, 0, column), load);
  a.vmovups(y, at(fromHalf, 0, column), load);
  a.vmovups(cosine, at(angles, 0, column), load);
  a.vmovups(sine, at(anglesHalf, 0, column), load);
  a.vmulps(turnedX, x, cosine);
  a.vmulps(turnedY, x, sine);
  a.vfnmadd231ps(turnedX, y, sine);
  a.vfmadd231ps(turnedY, y, cosine);
  a.vmovupsStore(at(to, 0, column), turnedX, store);
  a.vmovupsStore(at(toHalf, 0, column), turnedY, store);
}

/** Each lane takes the cosine of its pair times itself, and the sine times its neighbour. */
function turnNeighbours(a: Assembler, tail?: Mask): void {
  const [row, neighbours, both, cosine, sine, turned] = [0, 1, 2, 3, 4, 5].map(zmm);
  const { load, store } = lanes(tail);
  a.vmovups(row, at(from, 0, column), load);
  a.vmovups(both, at(angles, 0, column), load);
  a.vpermilps(neighbours, row, SWAPPED);
  a.vpermilps(cosine, both, EVEN_TWICE);
  a.vpermilps(sine, both, ODD_TWICE);
  a.vmulps(turned, row, cosine);
  a.vfnmadd231ps(turned, neighbours, sine, { mask: FIRST });
  a.vfmadd231ps(turned, neighbours, sine, { mask: SECOND });
  a.vmovupsStore(at(to, 0, column), turned, store);
}

/** What is read and written of a part of a vector. */
function lanes(tail: Mask | undefined): { readonly load?: Masking; readonly store?: Masking } {
  return tail === undefined ? {} : { load: { mask: tail, zero: true }, store: { mask: tail } };
}
