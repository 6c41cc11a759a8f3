import {
  type Assembler,
  at,
  each,
  type Gpr,
  number,
  r8,
  r9,
  r10,
  r11,
  rax,
  rcx,
  rdx,
  rsi,
  rsp,
  zmm,
} from "../../../assembler/index.ts";
import { FEATURE_ROW } from "../../layout.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "../../maps/rows.ts";
import { ADDS, BY_FEATURE, call, item, lane, product } from "../../words.ts";
import { projectBack } from "./projected.ts";

const OWN = rowOf(0);
const ROW = rowOf(4);
const SLOPES = rowOf(8);
const X = rowOf(12);
const FACTOR = zmm(20);
const COUNT = rsi;

/** Of rows that are channels, or products with them, which lie behind them and go back to them and to what the layer learned. */
export function taylorBack(a: Assembler): void {
  const [whole, done] = [a.fresh("taylor_back_whole"), a.fresh("taylor_back_done")];
  a.mov(COUNT, call("weightRows"));
  a.test(COUNT, COUNT);
  a.jumpIf("e", whole);
  a.push(r11);
  a.add(r10, call("projected"));
  a.add(r11, call("projected"));
  a.push(r11);
  a.vbroadcastss(FACTOR, a.constant(1));
  expansionBack(a);
  a.mov(r11, at(rsp));
  learn(a, r11);
  a.pop(r8);
  a.pop(r11);
  projectBack(a, r8, r11);
  a.jump(done);
  a.label(whole);
  a.vbroadcastss(FACTOR, call("factor"));
  a.mov(COUNT, call("channels"));
  expansionBack(a);
  a.label(done);
}

/** Adds to the gradient of what the layer learned, `[rows, channels]`, what the chunk's rows give, by gradients of products at `from`. */
function learn(a: Assembler, from: Gpr): void {
  product(a, {
    ...{ a: from, ...BY_FEATURE, rows: call("weightRows"), inner: lane("count") },
    ...{ b: lane("rows"), bRow: call("keyRow"), columns: call("channels") },
    ...{ c: item("learned"), cRow: call("keyRow"), ...ADDS, scale: call("weightFactor") },
  });
}

/**
 * Of 1, x', and the products of the upper triangle of x'x'ᵀ, √½ on the diagonal and 1 off it: a product adds to the gradients of both
 * of its channels. As many rows x' as `COUNT` says are at r10, and gradients are written times `FACTOR`.
 */
function expansionBack(a: Assembler): void {
  nextRow(a, r8);
  a.mov(rdx, r11);
  a.mov(rcx, COUNT);
  repeat(a, rcx, () => {
    for (const [vector, from] of vectorsAt(r8).entries()) a.vmovups(X[vector], from);
    for (const [vector, to] of vectorsAt(rdx).entries()) a.vmovupsStore(to, X[vector]);
    nextRow(a, r8, rdx);
  });
  a.mov(rcx, COUNT);
  // Gradients of products are at r8; r10 and r11 are at one channel, rdx and r9 at those after it.
  repeat(a, rcx, () => {
    const done = a.fresh("taylor_back_row");
    for (const [vector, from] of vectorsAt(r10).entries()) a.vmovups(ROW[vector], from);
    for (const [vector, from] of vectorsAt(r11).entries()) a.vmovups(OWN[vector], from);
    for (const [vector, from] of vectorsAt(r8).entries()) {
      a.vmulps(X[vector], ROW[vector], each(a.constant(Math.SQRT2)));
      a.vfmadd231ps(OWN[vector], X[vector], from);
    }
    nextRow(a, r8);
    a.lea(rdx, at(r10, FEATURE_ROW));
    a.lea(r9, at(r11, FEATURE_ROW));
    a.mov(rax, rcx);
    a.sub(rax, number(1));
    a.jumpIf("le", done);
    repeat(a, rax, () => {
      const [rows, sums] = [vectorsAt(rdx), vectorsAt(r9)];
      for (const [vector, from] of vectorsAt(r8).entries()) {
        a.vmovups(SLOPES[vector], from);
        a.vfmadd231ps(OWN[vector], SLOPES[vector], rows[vector]);
        a.vmovups(X[vector], sums[vector]);
        a.vfmadd231ps(X[vector], SLOPES[vector], ROW[vector]);
        a.vmovupsStore(sums[vector], X[vector]);
      }
      nextRow(a, r8, rdx, r9);
    });
    a.label(done);
    for (const [vector, to] of vectorsAt(r11).entries()) {
      a.vmulps(OWN[vector], OWN[vector], FACTOR);
      a.vmovupsStore(to, OWN[vector]);
    }
    nextRow(a, r10, r11);
  });
}
