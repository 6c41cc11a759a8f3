import {
  type Assembler,
  at,
  number,
  r8,
  r9,
  r10,
  r11,
  rax,
  rcx,
  rdx,
  rsi,
  zmm,
} from "../../assembler/index.ts";
import { FEATURE_ROW } from "../layout.ts";
import { call } from "../words.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "./rows.ts";

const X = rowOf(0);
const OTHER = rowOf(4);
const ZERO = zmm(20);

/** `[r ⊙ roll(r, 1), r ⊙ roll(r, 2), …]`, `r = [relu(x), relu(-x)]`: DPFP. r takes the place of x, and of as many rows behind it. */
export function rolled(a: Assembler): void {
  a.vpxord(ZERO, ZERO, ZERO);
  a.mov(rcx, call("channels"));
  // From r8 to here is one half, and as much again the other.
  a.imulImmediate(rsi, rcx, FEATURE_ROW);
  a.mov(rdx, r8);
  a.lea(r10, at(r8, 0, rsi, 1));
  repeat(a, rcx, () => {
    for (const [vector, from] of vectorsAt(rdx).entries()) {
      a.vmovups(X[vector], from);
      a.vsubps(OTHER[vector], ZERO, X[vector]);
      a.vmaxps(X[vector], ZERO, X[vector]);
      a.vmaxps(OTHER[vector], ZERO, OTHER[vector]);
    }
    for (const [vector, to] of vectorsAt(rdx).entries()) a.vmovupsStore(to, X[vector]);
    for (const [vector, to] of vectorsAt(r10).entries()) a.vmovupsStore(to, OTHER[vector]);
    nextRow(a, rdx, r10);
  });
  // r10 is where r ends; r11 is where the rolled r begins, one row further back for each roll.
  a.mov(r11, r8);
  a.mov(rax, call("rolls"));
  repeat(a, rax, () => {
    const inside = a.fresh("roll_inside");
    a.cmp(r11, r8);
    a.jumpIf("ne", inside);
    a.mov(r11, r10);
    a.label(inside);
    a.sub(r11, number(FEATURE_ROW));
    a.mov(rdx, r8);
    a.push(r11);
    a.mov(rcx, call("channels"));
    a.add(rcx, rcx);
    repeat(a, rcx, () => {
      const within = a.fresh("roll_within");
      for (const [vector, from] of vectorsAt(rdx).entries()) a.vmovups(X[vector], from);
      for (const [vector, from] of vectorsAt(r11).entries()) a.vmulps(X[vector], X[vector], from);
      for (const [vector, to] of vectorsAt(r9).entries()) a.vmovupsStore(to, X[vector]);
      nextRow(a, rdx, r9, r11);
      a.cmp(r11, r10);
      a.jumpIf("ne", within);
      a.mov(r11, r8);
      a.label(within);
    });
    a.pop(r11);
  });
}
