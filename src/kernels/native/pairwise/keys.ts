import {
  type Assembler,
  at,
  number,
  r8,
  r9,
  r10,
  r11,
  r12,
  rax,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  zmm,
} from "../assembler/index.ts";
import { CALL, HEAD, ITEM, LANE } from "./layout.ts";

/** Bytes that are fetched together. */
const CACHE_LINE = 64;

/**
 * A subroutine: addresses of the keys and values of a block. In order they are eight at a time, also beyond the last
 * key, where nobody reads.
 */
export function findKeys(a: Assembler, label: string): void {
  const [listed, top, next] = ["listed", "in_order", "entry"].map((name) => a.fresh(name));
  a.label(label);
  a.note("addresses of the keys and values of a block");
  a.mov(rax, at(rbp, LANE.item));
  a.mov(rax, at(rax, ITEM.head));
  a.mov(r8, at(rax, HEAD.k));
  a.mov(r9, at(rax, HEAD.v));
  a.mov(rsi, at(rbp, LANE.list));
  a.mov(rcx, at(rbp, LANE.first));
  a.mov(rbx, at(rbp, LANE.blockEnd));
  a.xor(rdx, rdx);
  a.test(rsi, rsi);
  a.jumpIf("ne", listed);
  for (const [address, bytes, steps, to] of [
    [r8, CALL.keyBytes, CALL.keySteps, zmm(0)],
    [r9, CALL.valueBytes, CALL.valueSteps, zmm(1)],
  ] as const) {
    a.mov(rax, rcx);
    a.imul(rax, at(rdi, bytes));
    a.add(rax, address);
    a.vpbroadcastq(to, rax);
    a.vpaddq(to, to, at(rdi, steps));
    a.mov(rax, at(rdi, bytes));
    a.shl(rax, 3);
    a.vpbroadcastq(zmm(to + 2), rax);
  }
  a.label(top);
  a.vmovdqu32Store(at(rbp, LANE.keyRows, rdx), zmm(0));
  a.vmovdqu32Store(at(rbp, LANE.valueRows, rdx), zmm(1));
  a.vpaddq(zmm(0), zmm(0), zmm(2));
  a.vpaddq(zmm(1), zmm(1), zmm(3));
  a.add(rdx, number(64));
  a.cmp(rdx, rbx);
  a.jumpIf("l", top);
  a.ret();

  a.label(listed);
  a.lea(rsi, at(rsi, 0, rcx, 4));
  a.mov(r10, at(rdi, CALL.keyBytes));
  a.mov(r11, at(rdi, CALL.valueBytes));
  a.label(next);
  a.movsxd(rax, at(rsi));
  a.mov(rcx, rax);
  a.imul(rax, r10);
  a.add(rax, r8);
  a.store(at(rbp, LANE.keyRows, rdx), rax);
  a.imul(rcx, r11);
  a.add(rcx, r9);
  a.store(at(rbp, LANE.valueRows, rdx), rcx);
  // Rows far apart are not foreseen by the processor.
  const line = a.fresh("line");
  a.xor(r12, r12);
  a.label(line);
  a.prefetcht0(at(rax, 0, r12));
  a.prefetcht0(at(rcx, 0, r12));
  a.add(r12, number(CACHE_LINE));
  a.cmp(r12, r10);
  a.jumpIf("l", line);
  a.add(rsi, number(4));
  a.add(rdx, number(8));
  a.cmp(rdx, rbx);
  a.jumpIf("l", next);
  a.ret();
}
