import {
  type Assembler,
  at,
  type Gpr,
  number,
  r8,
  r9,
  r10,
  r11,
  rax,
  rbp,
  rcx,
  rdx,
  rsi,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { LANES } from "../code/transpose.ts";
import { listPlaces } from "./key-biases.ts";
import { CALL, SLICE } from "./layout.ts";

/** Words of a piece that is not the last: first slot, slot step, count; after a word that says how many pieces there are. */
const PIECE = { first: 4, step: 8, count: 12, next: 12 } as const;
/** Addresses in a vector. */
const ADDRESSES = 8;

/** Begins the pieces of the row of a position, whose format is that of `decode/compile-decode.ts`. `slice` and `position` stay. */
export function beginPieces(a: Assembler, slice: Gpr, position: Gpr): void {
  a.mov(rax, at(slice, SLICE.rowAt));
  a.mov32(rax, at(rax, 0, position, 4));
  a.mov(rcx, at(slice, SLICE.pieces));
  a.lea(rcx, at(rcx, 0, rax, 4));
  a.store(at(rbp, CALL.piece), rcx);
  a.mov32(rax, at(rcx));
  a.imulImmediate(rax, rax, PIECE.next);
  a.add(rcx, rax);
  a.store(at(rbp, CALL.pieceEnd), rcx);
  a.mov(rax, at(slice, SLICE.lastCount));
  a.mov32(rax, at(rax, 0, position, 4));
  a.store(at(rbp, CALL.lastCount), rax);
  a.xor(rax, rax);
  a.store(at(rbp, CALL.pieceLeft), rax);
}

/**
 * A subroutine: lists where the next keys of a row lie, and their values, up to a block of them, and says in
 * `CALL.keys` and r11 how many they are. Behind them follow rows of zeros, up to a whole vector of keys. `slice` stays.
 */
export function listKeys(a: Assembler, label: string, slice: Gpr): void {
  const [listed, taken] = [r11, rdx];
  const [next, take, done] = ["next_piece", "take_keys", "keys_listed"];
  a.label(label);
  a.xor(listed, listed);
  a.label(next);
  a.mov(rax, at(rbp, CALL.pieceLeft));
  a.test(rax, rax);
  a.jumpIf("ne", take);
  nextPiece(a, slice, done);
  a.jump(next);

  a.label(take);
  a.mov(taken, at(rbp, CALL.block));
  a.sub(taken, listed);
  a.cmp(taken, rax);
  a.cmov("g", taken, rax);
  a.sub(rax, taken);
  a.store(at(rbp, CALL.pieceLeft), rax);
  listRows(a, CALL.pieceKey, CALL.keyStep, CALL.keyList, listed, taken);
  listRows(a, CALL.pieceValue, CALL.valueStep, CALL.valueList, listed, taken);
  listPlaces(a, slice, listed, taken);
  a.add(listed, taken);
  a.cmp(listed, at(rbp, CALL.block));
  a.jumpIf("l", next);

  a.label(done);
  a.store(at(rbp, CALL.keys), listed);
  a.lea(rax, at(listed, LANES - 1));
  a.and(rax, number(-LANES));
  a.store(at(rbp, CALL.padded), rax);
  a.mov(rax, at(rbp, CALL.nothing));
  a.vpbroadcastq(zmm(0), rax);
  for (const list of [CALL.keyList, CALL.valueList]) {
    for (let behind = 0; behind < 2; behind++) a.vmovupsStore(at(rbp, list + 64 * behind, listed, 8), zmm(0));
  }
  a.ret();
}

/** Takes the next piece of a row, or goes to `done` if there is none. */
function nextPiece(a: Assembler, slice: Gpr, done: string): void {
  const [piece, first, step, count] = [rsi, rcx, rdx, rax];
  const known = a.fresh("count_known");
  a.mov(piece, at(rbp, CALL.piece));
  a.cmp(piece, at(rbp, CALL.pieceEnd));
  a.jumpIf("ge", done);
  a.movsxd(first, at(piece, PIECE.first));
  a.movsxd(step, at(piece, PIECE.step));
  a.mov(count, at(rbp, CALL.lastCount));
  a.lea(r8, at(piece, PIECE.next));
  a.store(at(rbp, CALL.piece), r8);
  a.cmp(r8, at(rbp, CALL.pieceEnd));
  a.jumpIf("e", known);
  a.mov32(count, at(piece, PIECE.count));
  a.label(known);
  a.store(at(rbp, CALL.pieceLeft), count);
  a.store(at(rbp, CALL.pieceSlot), first);
  a.store(at(rbp, CALL.slotStep), step);
  for (const [cache, row, begin, advance] of [
    [SLICE.keys, CALL.keyRow, CALL.pieceKey, CALL.keyStep],
    [SLICE.values, CALL.valueRow, CALL.pieceValue, CALL.valueStep],
  ] as const) {
    a.mov(r8, at(rbp, row));
    a.mov(r9, first);
    a.imul(r9, r8);
    a.add(r9, at(slice, cache));
    a.store(at(rbp, begin), r9);
    a.imul(r8, step);
    a.store(at(rbp, advance), r8);
  }
}

/** Lists `taken` rows from entry `listed` on, whole vectors of addresses, and moves the piece beyond them. */
function listRows(a: Assembler, begin: number, step: number, list: number, listed: Gpr, taken: Gpr): void {
  const [rows, further, first]: Zmm[] = [0, 1, 2].map(zmm);
  const [stride, to, left] = [r8, r9, r10];
  const more = a.fresh("more_rows");
  a.mov(stride, at(rbp, step));
  a.vpbroadcastq(rows, stride);
  a.vpmullq(rows, rows, eightLanes(a));
  a.mov(rax, at(rbp, begin));
  a.vpbroadcastq(first, rax);
  a.vpaddq(rows, rows, first);
  a.mov(rcx, stride);
  a.shl(rcx, 3);
  a.vpbroadcastq(further, rcx);
  a.lea(to, at(rbp, list, listed, 8));
  a.mov(left, taken);
  a.label(more);
  a.vmovupsStore(at(to), rows);
  a.vpaddq(rows, rows, further);
  a.add(to, number(8 * ADDRESSES));
  a.sub(left, number(ADDRESSES));
  a.jumpIf("g", more);
  a.imul(stride, taken);
  a.add(stride, rax);
  a.store(at(rbp, begin), stride);
}

/** 0 to 7, 64 bits each. */
function eightLanes(a: Assembler) {
  return a.words(Array.from({ length: ADDRESSES }, (_, lane) => [lane, 0]).flat());
}
