import {
  type Assembler,
  at,
  type Gpr,
  mask,
  number,
  r8,
  r9,
  r10,
  r12,
  r13,
  r15,
  rax,
  rbp,
  rbx,
  rdi,
  rdx,
  rsi,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { LANES, VECTOR } from "../code/transpose.ts";
import { askAhead, howFarAhead } from "./ask-ahead.ts";
import { byVectors } from "./by-vectors.ts";
import { CALL, READER } from "./layout.ts";

/** Vectors up to which two keys are done in turn, and beyond which a key has two sums. */
const NARROW = 8;
const ONE_SUM = 4;

/** Lanes of the last channels. */
export const KEY_TAIL = mask(1);

/**
 * A subroutine: products of the listed keys with the query of the reader at r12, channel by channel, 16 keys at a time: for each a
 * vector in `CALL.sums`, whose lanes are still to be added. Then calls `weigh`, so that its arithmetic goes on beside
 * the next keys' way from memory; it must leave all general registers but rax, rcx and rdx. Leaves rbp, rbx, r11, r12 and r14.
 */
export function scoreKeys(a: Assembler, label: string, weigh: string): void {
  const [key, sum, left, query] = [rsi, rdi, r8, r9];
  a.label(label);
  a.lea(key, at(rbp, CALL.keyList));
  a.mov(r13, at(r12, READER.weights));
  a.mov(r15, at(rbp, CALL.keys));
  a.mov(query, at(r12, READER.query));
  howFarAhead(a, r10, rbx);
  a.mov(rax, at(rbp, CALL.keyVectors));
  byVectors(a, rax, (vectors) => {
    const together = vectors <= NARROW ? 2 : 1;
    const [group, keys] = [a.fresh("sixteen_keys"), a.fresh("keys")];
    a.label(group);
    for (let vector = 0; vector < vectors; vector++) a.vmovups(channels(vector), at(query, VECTOR * vector));
    a.lea(sum, at(rbp, CALL.sums));
    a.movImmediate(left, LANES);
    a.align(32);
    a.label(keys);
    askAhead(a, { rows: "values", list: key, keys: together, vectors, ahead: r10 });
    for (let index = 0; index < together; index++) {
      const row = [rax, rdx][index];
      a.mov(row, at(key, 8 * index));
      multiplyKey(a, row, vectors, 2 * index);
      a.vmovupsStore(at(sum, VECTOR * index), zmm(2 * index));
    }
    a.add(key, number(8 * together));
    a.add(sum, number(VECTOR * together));
    a.sub(left, number(together));
    a.jumpIf("g", keys);
    a.call(weigh);
    a.add(r13, number(VECTOR));
    a.sub(r15, number(LANES));
    a.jumpIf("g", group);
  });
  a.ret();
}

/** The query's. */
function channels(vector: number): Zmm {
  return zmm(LANES + vector);
}

/** A vector of sums of the key at an address, in vector `first`. A row of many vectors has two sums, so that none waits long for its last term. */
function multiplyKey(a: Assembler, row: Gpr, vectors: number, first: number): void {
  const sums = [zmm(first), zmm(first + 1)].slice(0, vectors > ONE_SUM ? 2 : 1);
  for (let vector = 0; vector < vectors; vector++) {
    const sum = sums[vector % sums.length];
    const isLast = vector === vectors - 1;
    const from = at(row, VECTOR * vector);
    if (vector >= sums.length)
      a.vfmadd231ps(sum, channels(vector), from, isLast ? { mask: KEY_TAIL } : undefined);
    else a.vmulps(sum, channels(vector), from, isLast ? { mask: KEY_TAIL, zero: true } : undefined);
  }
  if (sums.length > 1) a.vaddps(sums[0], sums[0], sums[1]);
}
