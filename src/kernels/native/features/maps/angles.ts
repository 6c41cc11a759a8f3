import { type Assembler, at, rcx, rdx, type Zmm } from "../../assembler/index.ts";
import { VECTOR } from "../layout.ts";
import { call, lane } from "../words.ts";

/** Loads the cosines and the sines of the tokens of a chunk, which begins with `first`. Spoils rcx and rdx. */
export function loadAngles(a: Assembler, cosines: readonly Zmm[], sines: readonly Zmm[]): void {
  for (const [name, to] of [
    ["cosines", cosines],
    ["sines", sines],
  ] as const) {
    a.mov(rdx, call(name));
    a.mov(rcx, lane("first"));
    a.lea(rdx, at(rdx, 0, rcx, 4));
    for (const [vector, register] of to.entries()) a.vmovups(register, at(rdx, VECTOR * vector));
  }
}
