import { type Assembler, r8, r9, r10, r11, rax, rcx, rdx } from "../../../assembler/index.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "../../maps/rows.ts";
import { call } from "../../words.ts";

const X = rowOf(0);
const SHARES = rowOf(4);
const MEANS = rowOf(8);

/** `s ⊙ (g - s·g)` of the channels, less that of their negatives: the shares s are the features. */
export function channelSoftmaxBack(a: Assembler): void {
  a.mov(r10, r11);
  half(a, (vector) => a.vmulps(X[vector], X[vector], SHARES[vector]));
  a.mov(r11, r10);
  half(a, (vector, to) => {
    a.vfnmadd213ps(X[vector], SHARES[vector], to[vector]);
  });
}

/** One softmax, of gradients at r8 and shares at r9, both of which go on to the next one's. */
function half(a: Assembler, write: (vector: number, to: ReturnType<typeof vectorsAt>) => void): void {
  a.mov(rdx, r8);
  a.mov(rax, r9);
  for (const mean of MEANS) a.vpxord(mean, mean, mean);
  a.mov(rcx, call("channels"));
  repeat(a, rcx, () => {
    const shares = vectorsAt(rax);
    for (const [vector, from] of vectorsAt(rdx).entries()) {
      a.vmovups(X[vector], from);
      a.vfmadd231ps(MEANS[vector], X[vector], shares[vector]);
    }
    nextRow(a, rdx, rax);
  });
  a.mov(rcx, call("channels"));
  repeat(a, rcx, () => {
    const shares = vectorsAt(r9);
    for (const [vector, from] of vectorsAt(r8).entries()) {
      a.vmovups(X[vector], from);
      a.vsubps(X[vector], X[vector], MEANS[vector]);
      a.vmovups(SHARES[vector], shares[vector]);
      write(vector, vectorsAt(r11));
    }
    for (const [vector, to] of vectorsAt(r11).entries()) a.vmovupsStore(to, X[vector]);
    nextRow(a, r8, r9, r11);
  });
}
