import {
  type Assembler,
  at,
  each,
  mask,
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
import { countDown, forEachItem, functionOf } from "../code/frame.ts";
import { VECTOR } from "../code/transpose.ts";
import { LANE } from "../pairwise/layout.ts";
import { BACKWARD_CALL, JOIN, JOIN_BYTES } from "./layout.ts";

/**
 * `join(lane)`: rows of dk and dv, which are the sums of the units that met their keys, in the order of the units, times a
 * factor. Rows that no unit met are 0.
 */
export function writeJoin(a: Assembler): void {
  const [block, to, parts, row, sumBytes] = [r8, r9, r10, rsi, r12];
  const [sum, columns] = [zmm(0), mask(1)];
  functionOf(a, "join", () => {
    a.mov(rbp, rdi);
    forEachItem(
      a,
      () => {
        a.mov(rdi, at(rbp, LANE.call));
        return rdi;
      },
      () => {
        a.imulImmediate(rax, rax, JOIN_BYTES);
        a.add(rax, at(rdi, BACKWARD_CALL.joins));
        a.mov(block, rax);
        a.mov(to, at(block, JOIN.to));
        a.mov(sumBytes, at(block, JOIN.sumBytes));
        a.mov(rbx, at(block, JOIN.rows));
        a.xor(row, row);
        countDown(a, rbx, 1, () => {
          const [vector, whole] = [a.fresh("join_vector"), a.fresh("join_whole")];
          a.kxnorw(columns, columns, columns);
          a.xor(rcx, rcx);
          a.label(vector);
          a.lea(rax, at(rcx, VECTOR));
          a.cmp(rax, sumBytes);
          a.jumpIf("l", whole);
          a.kmovwLoad(columns, at(block, JOIN.tail));
          a.label(whole);
          a.vpxord(sum, sum, sum);
          a.mov(parts, at(block, JOIN.parts));
          a.mov(rdx, at(block, JOIN.count));
          a.lea(r11, at(row, 0, rcx));
          countDown(a, rdx, 1, () => {
            a.mov(rax, at(parts));
            a.vaddps(sum, sum, at(rax, 0, r11));
            a.add(parts, number(8));
          });
          a.vmulps(sum, sum, each(at(block, JOIN.factor)));
          a.vmovupsStore(at(to, 0, rcx), sum, { mask: columns });
          a.add(rcx, number(VECTOR));
          a.cmp(rcx, sumBytes);
          a.jumpIf("l", vector);
          a.add(row, sumBytes);
          a.add(to, at(block, JOIN.toBytes));
        });
      },
    );
  });
}
