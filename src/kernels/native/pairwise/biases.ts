import {
  type Assembler,
  at,
  each,
  mask,
  number,
  r8,
  r9,
  r10,
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
import { CALL, HEAD, ITEM, LANE, ROW, VECTOR } from "./layout.ts";
import { accumulators, FREE, type Tile } from "./scores.ts";

/**
 * Where biases of an item are looked up: nowhere, by the places of rows and keys, or, where rows are in order and tokens
 * are their own places, side by side, as long as keys are in order too.
 */
export const BIASED = { no: 0, byPlace: 1, inOrder: 2 } as const;

/** A subroutine: the places of an item's rows, and how its biases are looked up. */
export function findPlaces(a: Assembler, label: string): void {
  const [next, known, done] = ["row_place", "row_placed", "rows_placed"].map((name) => a.fresh(name));
  a.label(label);
  a.mov(rax, at(rdi, CALL.biased));
  a.store(at(rbp, LANE.biased), rax);
  a.test(rax, rax);
  a.jumpIf("e", done);
  a.xor(rcx, rcx);
  a.mov(r8, at(rdi, CALL.places));
  a.label(next);
  a.movsxd(rax, at(rbp, LANE.tokens, rcx, 4));
  a.add(rax, at(rdi, CALL.firstQuery));
  placeOf(a, known);
  a.store32(at(rbp, LANE.rowPlaces, rcx, 4), rax);
  a.add(rcx, number(1));
  a.cmp(rcx, number(ROW / 4));
  a.jumpIf("l", next);
  a.mov(rax, at(rbp, LANE.item));
  a.mov(rcx, at(rax, ITEM.list));
  a.or(rcx, r8);
  a.jumpIf("ne", done);
  a.movImmediate(rax, BIASED.inOrder);
  a.store(at(rbp, LANE.biased), rax);
  a.label(done);
  a.ret();
}

/** rax = the place of token rax: r8 is where places are, or 0 if tokens are their own. */
function placeOf(a: Assembler, known: string): void {
  a.test(r8, r8);
  a.jumpIf("e", known);
  a.movsxd(rax, at(r8, 0, rax, 4));
  a.label(known);
}

/** A subroutine: the places of the keys of a block, where biases are not side by side. */
export function findKeyPlaces(a: Assembler, label: string): void {
  const [next, known, listed, done] = ["key_place", "key_placed", "in_order", "keys_placed"].map((name) =>
    a.fresh(name),
  );
  a.label(label);
  a.mov(rsi, at(rbp, LANE.list));
  a.mov(rax, at(rbp, LANE.biased));
  a.test(rax, rax);
  a.jumpIf("e", done);
  const needed = a.fresh("needed");
  a.test(rsi, rsi);
  a.jumpIf("ne", needed);
  a.cmp(rax, number(BIASED.inOrder));
  a.jumpIf("e", done);
  a.label(needed);
  a.mov(r8, at(rdi, CALL.places));
  a.mov(r9, at(rbp, LANE.first));
  a.mov(r10, at(rbp, LANE.blockEnd));
  a.shr(r10, 3);
  a.xor(rcx, rcx);
  a.label(next);
  a.lea(rax, at(r9, 0, rcx));
  a.test(rsi, rsi);
  a.jumpIf("e", listed);
  a.movsxd(rax, at(rsi, 0, rax, 4));
  a.label(listed);
  placeOf(a, known);
  a.store32(at(rbp, LANE.keyPlaces, rcx, 4), rax);
  a.add(rcx, number(1));
  a.cmp(rcx, r10);
  a.jumpIf("l", next);
  a.label(done);
  a.ret();
}

/**
 * Scores that will have biases begin at 0: the maximum may be as far away as the biases are, and every product would
 * be rounded as numbers of that size are.
 */
export function beginAtZero(a: Assembler, tile: Tile): void {
  for (const { x } of accumulators(tile)) a.vpxord(x, x, x);
}

/**
 * Adds to each score of a tile what its head has at the distance of query and key, less the row's maximum: far ones
 * cancel before they meet the score. The table goes by the query's place less the key's, so that neighbouring lanes
 * read neighbouring entries. Uses all but the accumulators and rdx.
 */
export function addBiases(a: Assembler, tile: Tile): void {
  const [byPlace, done] = [a.fresh("by_place"), a.fresh("added")];
  const base = (vector: number): Zmm => zmm(FREE + vector);
  const [biases, lanes] = [zmm(FREE + 3), zmm(FREE + 4)];
  for (let vector = 0; vector < tile.vectors; vector++) {
    a.vmovups(base(vector), at(rbp, LANE.base + VECTOR * vector));
  }
  a.mov(rbx, at(rbp, LANE.item));
  a.mov(rsi, at(rbx, ITEM.head));
  a.mov(rsi, at(rsi, HEAD.bias));
  // 4 times the first key, counted within its block.
  a.mov(rcx, rdx);
  a.shr(rcx, 1);
  a.cmp(rax, number(BIASED.inOrder));
  a.jumpIf("ne", byPlace);
  a.mov(rax, at(rbp, LANE.list));
  a.test(rax, rax);
  a.jumpIf("ne", byPlace);
  a.movsxd(rax, at(rbp, LANE.rowPlaces));
  a.sub(rax, at(rbp, LANE.first));
  a.lea(rsi, at(rsi, 0, rax, 4));
  a.sub(rsi, rcx);
  for (const { key, vector, x } of accumulators(tile)) {
    a.vaddps(biases, base(vector), at(rsi, VECTOR * vector - 4 * key));
    a.vaddps(x, x, biases);
  }
  a.jump(done);

  a.label(byPlace);
  a.add(rcx, rbp);
  for (const { key, vector, x } of accumulators(tile)) {
    a.vmovdqu32(lanes, at(rbp, LANE.rowPlaces + VECTOR * vector));
    a.vpsubd(lanes, lanes, each(at(rcx, LANE.keyPlaces + 4 * key)));
    a.kxnorw(mask(1), mask(1), mask(1));
    a.vgatherdps(biases, { base: rsi, lanes, displacement: 0 }, mask(1));
    a.vaddps(biases, biases, base(vector));
    a.vaddps(x, x, biases);
  }
  a.label(done);
}
