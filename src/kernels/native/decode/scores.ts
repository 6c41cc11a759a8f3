import {
  type Assembler,
  at,
  type Gpr,
  mask,
  number,
  r8,
  r9,
  r10,
  r11,
  r14,
  r15,
  rax,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  zmm,
} from "../assembler/index.ts";
import { foldLanes } from "../code/fold.ts";
import { LANES } from "../code/transpose.ts";
import { CALL } from "./layout.ts";

/** Keys side by side, each at the address in a register of its own. */
const TOGETHER: readonly Gpr[] = [rax, rcx, rdx, rbx, r8, r9, r10, r11];
const VECTOR = 4 * LANES;

/** Lanes of the last channels. */
export const KEY_TAIL = mask(1);

/**
 * Scores of the 16 keys whose addresses are listed at r14 with the query at rsi, one a lane, in vector 0. Lanes are
 * channels first: 16 sums of a vector each, so that keys are read as they lie, and then one sum of each. Leaves
 * rbp, rsi, r12, r13 and r14.
 */
export function scoreKeys(a: Assembler): void {
  const [last, channel] = [rdi, r15];
  const query = zmm(16);
  a.mov(last, at(rbp, CALL.keyLast));
  for (let first = 0; first < LANES; first += TOGETHER.length) {
    const sums = TOGETHER.map((row, index) => [zmm(first + index), row] as const);
    for (const [index, row] of TOGETHER.entries()) a.mov(row, at(r14, 8 * (first + index)));
    for (const [sum] of sums) a.vpxord(sum, sum, sum);
    const [top, tail] = [a.fresh("channels"), a.fresh("last_channels")];
    a.xor(channel, channel);
    a.cmp(channel, last);
    a.jumpIf("ge", tail);
    a.align(32);
    a.label(top);
    a.vmovups(query, at(rsi, 0, channel));
    for (const [sum, row] of sums) a.vfmadd231ps(sum, query, at(row, 0, channel));
    a.add(channel, number(VECTOR));
    a.cmp(channel, last);
    a.jumpIf("l", top);
    a.label(tail);
    a.vmovups(query, at(rsi, 0, channel));
    for (const [sum, row] of sums) a.vfmadd231ps(sum, query, at(row, 0, channel), { mask: KEY_TAIL });
  }
  foldLanes(a);
}
