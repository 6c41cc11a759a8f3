import { type Assembler, at, type Gpr, number, r8, r9, r10, rcx, zmm } from "../assembler/index.ts";
import { VECTOR } from "./layout.ts";
import { call } from "./words.ts";

/** Vectors of a state that are added together: states are whole multiples of so many. */
const TOGETHER = 4;
export const STATE_BLOCK = TOGETHER * VECTOR;

export const ACROSS = Array.from({ length: TOGETHER }, (_, vector) => zmm(vector));

/** Does something with each block of a state, `offset` from its beginning. */
function everyBlock(a: Assembler, offset: Gpr, body: () => void): void {
  const next = a.fresh("state_block");
  a.xor(offset, offset);
  a.label(next);
  body();
  a.add(offset, number(STATE_BLOCK));
  a.cmp(offset, call("stateBytes"));
  a.jumpIf("l", next);
}

/** Does something with each vector of a row of a state, `offset` from its beginning. */
export function everyVector(a: Assembler, offset: Gpr, body: () => void): void {
  const next = a.fresh("row_vector");
  a.xor(offset, offset);
  a.label(next);
  body();
  a.add(offset, number(VECTOR));
  a.cmp(offset, call("stateRow"));
  a.jumpIf("l", next);
}

/** The state at r8 becomes 0. */
export function clearState(a: Assembler): void {
  a.vpxord(zmm(0), zmm(0), zmm(0));
  everyBlock(a, rcx, () => {
    for (const [vector] of ACROSS.entries()) a.vmovupsStore(at(r8, VECTOR * vector, rcx), zmm(0));
  });
}

/** The state at r10 becomes the sum of those at r8 and r9. */
export function addStates(a: Assembler): void {
  everyBlock(a, rcx, () => {
    for (const [vector, sum] of ACROSS.entries()) a.vmovups(sum, at(r8, VECTOR * vector, rcx));
    for (const [vector, sum] of ACROSS.entries()) a.vaddps(sum, sum, at(r9, VECTOR * vector, rcx));
    for (const [vector, sum] of ACROSS.entries()) a.vmovupsStore(at(r10, VECTOR * vector, rcx), sum);
  });
}
