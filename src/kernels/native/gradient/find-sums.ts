import {
  type Assembler,
  at,
  number,
  r9,
  r10,
  r11,
  r12,
  rax,
  rbp,
  rdi,
  rdx,
  rsi,
} from "../assembler/index.ts";
import { LANE } from "../pairwise/layout.ts";
import { BACKWARD_CALL, BACKWARD_LANE, UNIT } from "./layout.ts";

/** A subroutine: the addresses of the sums of a block's keys and values. */
export function findSums(a: Assembler, label: string): void {
  const [list, first, end, token, unit, key] = [rsi, r9, r10, r11, r12, rdx];
  const inOrder = a.fresh("in_order");
  const next = a.fresh("sum");
  a.label(label);
  a.mov(list, at(rbp, LANE.list));
  a.mov(first, at(rbp, LANE.first));
  a.mov(end, at(rbp, LANE.blockEnd));
  a.mov(unit, at(rbp, BACKWARD_LANE.unit));
  a.xor(key, key);
  a.label(next);
  a.mov(token, first);
  a.test(list, list);
  a.jumpIf("e", inOrder);
  a.movsxd(token, at(list, 0, first, 4));
  a.label(inOrder);
  for (const [bytes, sums, to] of [
    [BACKWARD_CALL.channelBytes, UNIT.keySums, BACKWARD_LANE.keySumRows],
    [BACKWARD_CALL.columnBytes, UNIT.valueSums, BACKWARD_LANE.valueSumRows],
  ]) {
    a.mov(rax, token);
    a.imul(rax, at(rdi, bytes));
    a.add(rax, at(unit, sums));
    a.store(at(rbp, to, key), rax);
  }
  a.add(first, number(1));
  a.add(key, number(8));
  a.cmp(key, end);
  a.jumpIf("l", next);
  a.ret();
}
