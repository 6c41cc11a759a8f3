import { type Assembler, at, type Gpr, number, r8, r9, r10, r11, rcx, rdx, zmm } from "../assembler/index.ts";
import { VECTOR } from "./layout.ts";
import { call, item } from "./words.ts";

/** Vectors of a state that are added together: states are whole multiples of so many. */
const TOGETHER = 4;
export const STATE_BLOCK = TOGETHER * VECTOR;

const ACROSS = Array.from({ length: TOGETHER }, (_, vector) => zmm(vector));

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

/**
 * One block of all segments' states, the first of which is at item.state: not causal, the first becomes the sum of
 * all; causal (`scan`), each becomes the sum of those before it.
 */
export function joinBlock(a: Assembler, scan: boolean): void {
  const next = a.fresh("join_state");
  a.mov(r8, item("state"));
  a.mov(r9, r8);
  a.mov(r11, call("stateBytes"));
  a.mov(rdx, call("segments"));
  for (const sum of ACROSS) a.vpxord(sum, sum, sum);
  a.label(next);
  for (const [vector, sum] of ACROSS.entries()) {
    const place = at(r8, VECTOR * vector);
    if (scan) {
      a.vmovups(zmm(TOGETHER + vector), place);
      a.vmovupsStore(place, sum);
      a.vaddps(sum, sum, zmm(TOGETHER + vector));
    } else {
      a.vaddps(sum, sum, place);
    }
  }
  a.add(r8, r11);
  a.sub(rdx, number(1));
  a.jumpIf("g", next);
  if (!scan) for (const [vector, sum] of ACROSS.entries()) a.vmovupsStore(at(r9, VECTOR * vector), sum);
}
