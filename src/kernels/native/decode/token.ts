import {
  type Assembler,
  at,
  type Gpr,
  number,
  r11,
  r12,
  r13,
  rax,
  rbp,
  rbx,
  rdi,
  rsi,
  zmm,
} from "../assembler/index.ts";
import { callTurn, TURN } from "../pairwise/turn.ts";
import { COPY } from "./copy-row.ts";
import { CALL, SLICE, SLICE_BYTES } from "./layout.ts";
import { beginPieces } from "./list-keys.ts";

/** Turns q and k of the token, where they are, if they are turned. Of tokens the angles lie one behind the other. */
export function turnToken(a: Assembler): void {
  const unturned = a.fresh("unturned");
  a.mov(rax, at(rbp, CALL.angles));
  a.test(rax, rax);
  a.jumpIf("e", unturned);
  a.mov32(rbx, at(rbp, CALL.position));
  a.imul(rbx, at(rbp, CALL.angleRow));
  a.add(rbx, rax);
  for (const rows of [CALL.turnQueries, CALL.turnKeys]) {
    a.store(at(rbp, rows + TURN.angles), rbx);
    a.lea(r11, at(rbp, rows));
    callTurn(a, r11);
  }
  a.label(unturned);
}

/** Looks up the place of the query, if scores have biases. */
export function placeQuery(a: Assembler): void {
  const unbiased = a.fresh("unbiased");
  a.mov(rax, at(rbp, CALL.places));
  a.test(rax, rax);
  a.jumpIf("e", unbiased);
  a.mov32(rbx, at(rbp, CALL.position));
  a.movsxd(rax, at(rax, 0, rbx, 4));
  a.store(at(rbp, CALL.queryPlace), rax);
  a.label(unbiased);
}

/** Does `body` for every slice, whose record `CALL.slice` names, and whose queries, token and outputs the words behind it. */
export function eachSlice(a: Assembler, body: () => void): void {
  const top = a.fresh("slice");
  for (const [from, to] of [
    [CALL.slices, CALL.slicesLeft],
    [CALL.firstSlice, CALL.slice],
    [CALL.cachesPerHead, CALL.cachesLeft],
    [CALL.q, CALL.query],
    [CALL.k, CALL.key],
    [CALL.v, CALL.value],
    [CALL.out, CALL.output],
  ]) {
    a.mov(rax, at(rbp, from));
    a.store(at(rbp, to), rax);
  }
  a.label(top);
  body();
  a.mov(rax, at(rbp, CALL.slice));
  a.add(rax, number(SLICE_BYTES));
  a.store(at(rbp, CALL.slice), rax);
  a.mov(rax, at(rbp, CALL.slicesLeft));
  a.sub(rax, number(1));
  a.store(at(rbp, CALL.slicesLeft), rax);
  a.jumpIf("ne", top);
}

/** Puts the token's key and value into its slot, if it has one, and begins its row. Then the next head's are due, if this was the last cache of one. */
export function keepToken(a: Assembler): void {
  const [slice, slot, position] = [rbx, r12, r13];
  const [forgotten, same] = [a.fresh("forgotten"), a.fresh("same_head")];
  a.mov(slice, at(rbp, CALL.slice));
  a.mov32(position, at(rbp, CALL.position));
  a.mov(rax, at(slice, SLICE.slotOf));
  a.movsxd(slot, at(rax, 0, position, 4));
  a.test(slot, slot);
  a.jumpIf("l", forgotten);
  a.vbroadcastss(zmm(0), a.constant(1));
  for (const [from, cache, row, copy] of [
    [CALL.key, SLICE.keys, CALL.keyRow, COPY.key],
    [CALL.value, SLICE.values, CALL.valueRow, COPY.value],
  ] as const) {
    a.mov(rdi, slot);
    a.imul(rdi, at(rbp, row));
    a.add(rdi, at(slice, cache));
    a.mov(rsi, at(rbp, from));
    a.call(copy);
  }
  keepPlace(a, slice, slot, position);
  a.label(forgotten);
  beginPieces(a, slice, position);
  a.mov(rax, at(rbp, CALL.cachesLeft));
  a.sub(rax, number(1));
  a.jumpIf("ne", same);
  for (const [row, bytes] of [
    [CALL.key, CALL.queryBytes],
    [CALL.value, CALL.valueBytes],
  ]) {
    a.mov(rax, at(rbp, row));
    a.add(rax, at(rbp, bytes));
    a.store(at(rbp, row), rax);
  }
  a.mov(rax, at(rbp, CALL.cachesPerHead));
  a.label(same);
  a.store(at(rbp, CALL.cachesLeft), rax);
}

/** Notes the place of the token's key, if scores have biases. */
function keepPlace(a: Assembler, slice: Gpr, slot: Gpr, position: Gpr): void {
  const unbiased = a.fresh("unbiased");
  a.mov(rax, at(rbp, CALL.places));
  a.test(rax, rax);
  a.jumpIf("e", unbiased);
  a.mov32(rax, at(rax, 0, position, 4));
  a.mov(rsi, at(slice, SLICE.placeAt));
  a.store32(at(rsi, 0, slot, 4), rax);
  a.label(unbiased);
}
