import { type Assembler, at, type Mask, number, rax, rbp, rdi, rsi, zmm } from "../assembler/index.ts";
import { LANES } from "../code/transpose.ts";

/** Subroutines that copy rows of keys and queries, and of values. */
export const COPY = { key: "copy_key", value: "copy_value" } as const;

/**
 * A subroutine: the row at rdi becomes the row at rsi times vector 0. `last` is the word that says where its last
 * vector begins, of which only the lanes of the mask are read and written. Vector 1 and rax are used.
 */
export function copyRow(a: Assembler, label: string, last: number, tail: Mask): void {
  const [top, end] = [a.fresh("copy"), a.fresh("copy_last")];
  const vector = zmm(1);
  a.label(label);
  a.xor(rax, rax);
  a.label(top);
  a.cmp(rax, at(rbp, last));
  a.jumpIf("ge", end);
  a.vmulps(vector, zmm(0), at(rsi, 0, rax));
  a.vmovupsStore(at(rdi, 0, rax), vector);
  a.add(rax, number(4 * LANES));
  a.jump(top);
  a.label(end);
  a.vmulps(vector, zmm(0), at(rsi, 0, rax), { mask: tail, zero: true });
  a.vmovupsStore(at(rdi, 0, rax), vector, { mask: tail });
  a.ret();
}
