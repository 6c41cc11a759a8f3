import type { NormaliserName } from "../../../pairwise/row-numbers.ts";
import {
  type Assembler,
  at,
  COMPARE,
  each,
  type Gpr,
  mask,
  number,
  r8,
  r9,
  r10,
  r11,
  r13,
  r14,
  r15,
  rax,
  rbp,
  rcx,
  rdi,
  zmm,
} from "../assembler/index.ts";
import { exp2 } from "../code/exp2.ts";
import { countDown } from "../code/frame.ts";
import { CALL, HEAD, ITEM, LANE, ROW, TILE, VECTOR } from "./layout.ts";
import { loopUntil } from "./rows.ts";

/** The state of an item's rows between blocks and passes: less the maximum, the sum of weights, what scores may exceed. */

/** The state of rows that begin, and in the place of a part of it the number of each row, if they have some. */
export function clearState(a: Assembler, label: string): void {
  a.label(label);
  for (const [from, to] of [
    [CALL.base, LANE.base],
    [CALL.total, LANE.total],
    [CALL.limit, LANE.limit],
  ]) {
    a.vbroadcastss(zmm(0), at(rdi, from));
    for (let vector = 0; vector < TILE.vectors; vector++)
      a.vmovupsStore(at(rbp, to + VECTOR * vector), zmm(0));
  }
  a.movImmediate(rax, 1);
  a.store(at(rbp, LANE.empty), rax);
  const done = a.fresh("numbered");
  a.mov(r9, at(rdi, CALL.numbered));
  a.test(r9, r9);
  a.jumpIf("e", done);
  a.add(r9, rbp);
  a.mov(r8, at(rbp, LANE.item));
  a.mov(r10, at(r8, ITEM.head));
  a.mov(r10, at(r10, HEAD.numbers));
  forEachRow(a, () => {
    a.mov32(r11, at(r10, 0, rax, 4));
    a.store32(at(r9, 0, rcx, 4), r11);
  });
  a.label(done);
  a.ret();
}

/** Rows that attended nothing are 0. `width` is in the call: how many numbers a row has. */
export function clearOutputs(a: Assembler, label: string, width: number = CALL.valueDim): void {
  a.label(label);
  a.vpxord(zmm(0), zmm(0), zmm(0));
  a.lea(rax, at(rbp, LANE.outputs));
  a.mov(r8, at(rdi, width));
  countDown(a, r8, 1, () => {
    for (let vector = 0; vector < TILE.vectors; vector++) a.vmovupsStore(at(rax, VECTOR * vector), zmm(0));
    a.add(rax, number(ROW));
  });
  a.ret();
}

/** Does `body` for the rows of the item in r8, their number in rcx and their token in rax. */
function forEachRow(a: Assembler, body: () => void): void {
  a.xor(rcx, rcx);
  loopUntil(a, rcx, at(r8, ITEM.rows), () => {
    a.movsxd(rax, at(rbp, LANE.tokens, rcx, 4));
    body();
  });
}

/** A number of each row that outlives an item: where it is in the lane, and where the head has it. */
type Kept = readonly [lane: number, head: number, through: Gpr];

/** What later passes need. */
const BETWEEN_PASSES: readonly Kept[] = [
  [LANE.base, HEAD.keptBase, r13],
  [LANE.total, HEAD.keptTotal, r14],
  [LANE.limit, HEAD.keptLimit, r15],
];

/** What a backward pass needs: weights are 2^(score + base) · factor. */
const LEFT: readonly Kept[] = [
  [LANE.base, HEAD.leftBase, r13],
  [LANE.factor, HEAD.leftFactor, r14],
];

export function keepState(a: Assembler, label: string): void {
  a.label(label);
  keep(a, BETWEEN_PASSES);
  a.ret();
}

export function loadState(a: Assembler, label: string): void {
  a.label(label);
  a.xor(rax, rax);
  a.store(at(rbp, LANE.empty), rax);
  load(a, BETWEEN_PASSES);
  a.ret();
}

/** Leaves what a backward pass needs of the rows, if one is to come. */
export function leaveRows(a: Assembler, label: string): void {
  const done = a.fresh("left");
  a.label(label);
  a.mov(r8, at(rbp, LANE.item));
  a.mov(r10, at(r8, ITEM.head));
  a.mov(rax, at(r10, HEAD.leftBase));
  a.test(rax, rax);
  a.jumpIf("e", done);
  keep(a, LEFT);
  a.label(done);
  a.ret();
}

/** Loads what a forward pass has left of the rows; the factors of lanes that are no rows are 0. */
export function loadLeft(a: Assembler, label: string): void {
  a.label(label);
  load(a, LEFT);
  a.ret();
}

function keep(a: Assembler, numbers: readonly Kept[]): void {
  pointAtKept(a, numbers);
  forEachRow(a, () => {
    for (const [lane, , kept] of numbers) {
      a.mov32(r11, at(rbp, lane, rcx, 4));
      a.store32(at(kept, 0, rax, 4), r11);
    }
  });
}

function load(a: Assembler, numbers: readonly Kept[]): void {
  for (const [lane] of numbers) {
    a.vpxord(zmm(0), zmm(0), zmm(0));
    for (let vector = 0; vector < TILE.vectors; vector++)
      a.vmovupsStore(at(rbp, lane + VECTOR * vector), zmm(0));
  }
  pointAtKept(a, numbers);
  forEachRow(a, () => {
    for (const [lane, , kept] of numbers) {
      a.mov32(r11, at(kept, 0, rax, 4));
      a.store32(at(rbp, lane, rcx, 4), r11);
    }
  });
}

function pointAtKept(a: Assembler, numbers: readonly Kept[]): void {
  a.mov(r8, at(rbp, LANE.item));
  a.mov(r10, at(r8, ITEM.head));
  for (const [, head, kept] of numbers) a.mov(kept, at(r10, head));
}

/** Outputs are stored as they are. */
export function neutralFactors(a: Assembler): void {
  a.vbroadcastss(zmm(0), a.constant(1));
  for (let row = 0; row < ROW; row += VECTOR) a.vmovupsStore(at(rbp, LANE.factor + row), zmm(0));
}

/** What the sums of a row are multiplied by when it is written: `each` of lane factors. */
export function factorsOf(a: Assembler, normaliser: NormaliserName): void {
  const one = zmm(0);
  a.vbroadcastss(one, a.constant(1));
  for (let row = 0; row < ROW; row += VECTOR) {
    const factor = zmm(1);
    if (normaliser === "softmax") {
      // A row that attended nothing still has its first limit, and is 0.
      a.vmovups(zmm(2), at(rbp, LANE.limit + row));
      a.vcmpps(mask(1), zmm(2), each(a.constant(Number.NEGATIVE_INFINITY)), COMPARE.greaterOrdered);
      // The sink comes last, so that a far one costs scores no digits: its weight is 2^(sink − maximum).
      const weight = zmm(3);
      a.vbroadcastss(weight, at(rdi, CALL.sink));
      a.vaddps(weight, weight, at(rbp, LANE.base + row));
      exp2(a, [{ x: weight, fraction: zmm(4), power: zmm(5) }]);
      a.vaddps(weight, weight, at(rbp, LANE.total + row));
      a.vdivps(factor, one, weight, { mask: mask(1), zero: true });
    } else if (normaliser === "relu") a.vmovups(factor, at(rbp, LANE.total + row));
    else a.vmovups(factor, one);
    a.vmovupsStore(at(rbp, LANE.factor + row), factor);
  }
}
