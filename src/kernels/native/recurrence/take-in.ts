import {
  at,
  type Gpr,
  type Memory,
  number,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
  rbx,
  rcx,
  rdx,
  rsi,
  zmm,
} from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { TOKENS, VECTOR } from "./layout.ts";
import { placed, type Site, subroutine, word } from "./site.ts";

/** Vectors of the widest tile, and rows of a tile of so many: 16 sums or more, and room for values and a key. */
const WIDEST = 4;
const ROWS: Readonly<Record<number, number>> = { 1: 8, 2: 8, 3: 4, 4: 4 };

/** Bytes from a row of the state to the next; rows 0, 3 and 6 of a tile, of which others are one or two further. */
const rowBytes = rbx;
const rowsAt: readonly Gpr[] = [r10, r11, r12];
/** Bytes from the state to the one before, and from there to the two joined. */
const toBefore = r14;
const toJoined = r15;

/**
 * Subroutines that bring the state to the end of a chunk: each row times what is left of it, and then what the chunk
 * writes, whole products of turned keys and values. Tiles of the state stay in registers for all tokens. One of them then
 * joins it with what is left of the state before the segment, which is what the next chunk reads.
 */
export function writeTakeIn({ a, places }: Site): void {
  subroutine(a, "take_in", () => takeIn(false));
  subroutine(a, "take_in_joined", () => takeIn(true));

  function takeIn(joins: boolean): void {
    const [panel, done] = [a.fresh("panel"), a.fresh("panels_done")];
    a.mov(rowBytes, word("valueVectors"));
    a.mov(rdx, rowBytes);
    a.shl(rowBytes, 6);
    a.mov(r13, word("state"));
    a.lea(rsi, placed(places.rows.values));
    if (joins) {
      a.mov(toBefore, word("before"));
      a.sub(toBefore, r13);
      a.mov(toJoined, word("joined"));
      a.sub(toJoined, word("before"));
    }
    a.label(panel);
    for (let vectors = WIDEST; vectors > 0; vectors--) {
      const narrower = a.fresh("narrower");
      a.cmp(rdx, number(vectors));
      a.jumpIf("l", narrower);
      panelOf(vectors, joins);
      a.add(rsi, number(vectors * VECTOR));
      a.add(r13, number(vectors * VECTOR));
      a.sub(rdx, number(vectors));
      a.jump(panel);
      a.label(narrower);
    }
    a.label(done);
  }

  /** All rows of so many vectors, those of the state from r13 on and those of values from rsi on. */
  function panelOf(vectors: number, joins: boolean): void {
    const rows = ROWS[vectors];
    a.mov(r10, r13);
    a.lea(r8, placed(places.turned));
    a.lea(r9, placed(places.channels.chunk));
    a.mov(rcx, word("keyVectors"));
    a.shl(rcx, 4);
    countDown(a, rcx, rows, () => {
      tile(rows, vectors);
      if (joins) join(rows, vectors);
      a.add(r8, number(rows * VECTOR));
      a.add(r9, number(4 * rows));
      a.lea(r10, at(r10, 0, rowBytes, rows === 8 ? 8 : 4));
    });
  }

  function tile(rows: number, vectors: number): void {
    const sum = (row: number, vector: number) => zmm(row * vectors + vector);
    const values = Array.from({ length: vectors }, (_, vector) => zmm(rows * vectors + vector));
    const keys = [zmm(30), zmm(31)];
    const eachSum = (body: (row: number, vector: number) => void): void => {
      for (let row = 0; row < rows; row++) for (let vector = 0; vector < vectors; vector++) body(row, vector);
    };
    for (let three = 1; 3 * three < rows; three++) {
      a.lea(rowsAt[three], at(rowsAt[three - 1], 0, rowBytes, 2));
      a.add(rowsAt[three], rowBytes);
    }
    for (let row = 0; row < rows; row++) {
      a.vbroadcastss(keys[row % 2], at(r9, 4 * row));
      for (let vector = 0; vector < vectors; vector++) {
        a.vmulps(sum(row, vector), keys[row % 2], stateAt(row, vector));
      }
    }
    for (let token = 0; token < TOKENS; token++) {
      for (const [vector, value] of values.entries()) {
        a.vmovups(value, at(rsi, token * places.row + vector * VECTOR));
      }
      for (let row = 0; row < rows; row++) {
        a.vbroadcastss(keys[row % 2], at(r8, row * VECTOR + 4 * token));
        for (const [vector, value] of values.entries()) a.vfmadd231ps(sum(row, vector), keys[row % 2], value);
      }
    }
    eachSum((row, vector) => a.vmovupsStore(stateAt(row, vector), sum(row, vector)));
  }

  /** The tile that was stored last, with what is left of the one before. */
  function join(rows: number, vectors: number): void {
    const left = zmm(31);
    const move = (by: Gpr): void => {
      for (let base = 0; 3 * base < rows; base++) a.add(rowsAt[base], by);
    };
    move(toBefore);
    for (let row = 0; row < rows; row++) {
      a.vbroadcastss(left, at(r9, places.channels.total - places.channels.chunk + 4 * row));
      for (let vector = 0; vector < vectors; vector++) {
        a.vfmadd231ps(zmm(row * vectors + vector), left, stateAt(row, vector));
      }
    }
    move(toJoined);
    for (let row = 0; row < rows; row++) {
      for (let vector = 0; vector < vectors; vector++) {
        a.vmovupsStore(stateAt(row, vector), zmm(row * vectors + vector));
      }
    }
    a.sub(r10, toJoined);
    a.sub(r10, toBefore);
  }

  function stateAt(row: number, vector: number): Memory {
    const base = rowsAt[Math.floor(row / 3)];
    const further = row % 3;
    return further === 0
      ? at(base, vector * VECTOR)
      : at(base, vector * VECTOR, rowBytes, further === 1 ? 1 : 2);
  }
}
