import type { NormaliserName } from "../../../pairwise/row-numbers.ts";
import {
  type Assembler,
  at,
  COMPARE,
  each,
  mask,
  number,
  r12,
  r13,
  rax,
  rbp,
  rcx,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { exp2 } from "../code/exp2.ts";
import { CALL, READER, WEIGHTS_BYTES } from "./layout.ts";

/** A score may exceed the row's maximum by so much, in powers of 2, before that is raised: weights up to 256. */
const SLACK = 8;

/** Lanes of a vector of keys that are keys. */
export const KEYS = mask(3);
const RISING = mask(4);

const [score, spare, power, most] = [0, 1, 2, 3].map(zmm);

/** Turns 16 scores in vector 0 into weights at r13 of the reader at r12; lanes that are no keys become 0. */
export function weighKeys(a: Assembler, normaliser: NormaliserName, raise: string): void {
  a.vbroadcastss(spare, a.constant(Number.NEGATIVE_INFINITY));
  a.vblendmps(score, spare, score, { mask: KEYS });
  WEIGH[normaliser](a, raise);
  a.vmovupsStore(at(r13), score);
}

const WEIGH: Readonly<Record<NormaliserName, (a: Assembler, raise: string) => void>> = {
  softmax(a, raise) {
    const back = a.fresh("raised");
    a.vmovups(most, score);
    a.vsubps(score, score, each(at(r12, READER.maximum)));
    a.vcmpps(RISING, score, each(a.constant(SLACK)), COMPARE.greaterOrdered);
    a.kortestw(RISING, RISING);
    a.jumpIf("e", back);
    a.call(raise);
    a.label(back);
    exp2(a, [{ x: score, fraction: spare, power }]);
    const total = at(r12, READER.blockTotal);
    a.vaddps(spare, score, total);
    a.vmovupsStore(total, spare);
  },
  relu(a) {
    // Where a score is NaN it is the second operand.
    a.vpxord(spare, spare, spare);
    a.vmaxps(score, spare, score);
  },
  sigmoid(a) {
    a.vbroadcastss(most, at(r12, READER.maximum));
    a.vsubps(score, most, score);
    exp2(a, [{ x: score, fraction: spare, power }]);
    a.vbroadcastss(spare, a.constant(1));
    a.vaddps(score, score, spare);
    a.vdivps(score, spare, score);
  },
};

/**
 * A subroutine, rarely called: raises the maximum of the reader at r12 to the greatest of the scores in `most`, and
 * scales by as much what it has summed up. Scores that are NaN count for nothing here.
 */
export function raiseMaximum(a: Assembler, label: string): void {
  const [greatest, factor, moved] = [4, 5, 6].map(zmm);
  a.label(label);
  a.vbroadcastss(greatest, at(r12, READER.maximum));
  a.vmovups(factor, greatest);
  a.vmovups(greatest, most, { mask: RISING });
  allGreatest(a, greatest, moved);
  a.vsubps(factor, factor, greatest);
  a.vsubps(score, most, greatest);
  a.vmovupsStore(at(r12, READER.maximum), greatest);
  exp2(a, [{ x: factor, fraction: spare, power }]);
  for (const total of [READER.total, READER.blockTotal]) scale(a, at(r12, total), factor, moved);
  a.mov(rax, at(r12, READER.weights));
  a.lea(rcx, at(rax, WEIGHTS_BYTES));
  scaleRow(a, factor, moved);
  a.mov(rax, at(r12, READER.output));
  a.mov(rcx, at(rbp, CALL.valueLast));
  a.lea(rcx, at(rax, 64, rcx));
  scaleRow(a, factor, moved);
  a.ret();
}

/** The greatest of all lanes, in all of them. */
function allGreatest(a: Assembler, x: Zmm, moved: Zmm): void {
  for (const parts of [0x4e, 0xb1]) {
    a.vshuff32x4(moved, x, x, parts);
    a.vmaxps(x, x, moved);
  }
  for (const lanes of [0x4e, 0xb1]) {
    a.vpermilps(moved, x, lanes);
    a.vmaxps(x, x, moved);
  }
}

function scale(a: Assembler, address: ReturnType<typeof at>, factor: Zmm, product: Zmm): void {
  a.vmulps(product, factor, address);
  a.vmovupsStore(address, product);
}

/** Scales whole vectors from rax to rcx. */
function scaleRow(a: Assembler, factor: Zmm, product: Zmm): void {
  const top = a.fresh("scale");
  a.label(top);
  scale(a, at(rax), factor, product);
  a.add(rax, number(64));
  a.cmp(rax, rcx);
  a.jumpIf("l", top);
}
