import {
  type Assembler,
  at,
  number,
  r8,
  r9,
  r10,
  r11,
  rax,
  rbp,
  rbx,
  rcx,
  rdx,
  zmm,
} from "../assembler/index.ts";
import { LANES, VECTOR } from "./layout.ts";
import { clearExponents, copyFeatures, joinFeatures } from "./scaled-states.ts";
import { ACROSS, clearState } from "./states.ts";
import { call, item, lane } from "./words.ts";

/**
 * One block of all segments' states, the first of which is at item.state and the next so many bytes behind it as the call
 * says: not causal, the first becomes the sum of all; causal (`scan`), each becomes the sum of those before it.
 */
export function joinBlock(a: Assembler, scan: boolean): void {
  const next = a.fresh("join_state");
  a.mov(r8, item("state"));
  a.mov(r9, r8);
  a.mov(r11, call("scanStride"));
  a.mov(rdx, call("segments"));
  for (const sum of ACROSS) a.vpxord(sum, sum, sum);
  a.label(next);
  for (const [vector, sum] of ACROSS.entries()) {
    const place = at(r8, VECTOR * vector);
    if (scan) {
      a.vmovups(zmm(ACROSS.length + vector), place);
      a.vmovupsStore(place, sum);
      a.vaddps(sum, sum, zmm(ACROSS.length + vector));
    } else {
      a.vaddps(sum, sum, place);
    }
  }
  a.add(r8, r11);
  a.sub(rdx, number(1));
  a.jumpIf("g", next);
  if (!scan) for (const [vector, sum] of ACROSS.entries()) a.vmovupsStore(at(r9, VECTOR * vector), sum);
}

/** The same for 16 features of states that have exponents, from item.first on: not causal, the first state becomes all of them. */
export function sumFeatures(a: Assembler): void {
  const next = a.fresh("sum_features");
  const done = a.fresh("features_summed");
  a.mov(rbx, call("segments"));
  a.mov(r8, item("state"));
  a.mov(r10, r8);
  a.mov(r9, r8);
  a.label(next);
  a.sub(rbx, number(1));
  a.jumpIf("le", done);
  a.add(r9, call("stateBytes"));
  openFeatures(a);
  joinFeatures(a);
  a.jump(next);
  a.label(done);
}

/** Causal: each becomes all of those before it, which wait in the lane. */
export function scanFeatures(a: Assembler): void {
  const next = a.fresh("scan_features");
  a.mov(rbx, call("segments"));
  a.mov(rbp, item("state"));
  a.mov(r8, lane("total"));
  clearState(a);
  clearExponents(a);
  a.mov(r10, lane("local"));
  a.label(next);
  a.mov(r9, rbp);
  openFeatures(a);
  joinFeatures(a);
  openFeatures(a);
  copyFeatures(a);
  // What was made is what the next begins with.
  a.mov(rax, r8);
  a.mov(r8, r10);
  a.mov(r10, rax);
  a.add(rbp, call("stateBytes"));
  a.sub(rbx, number(1));
  a.jumpIf("g", next);
}

/** rcx: the first feature, r11: how many. */
function openFeatures(a: Assembler): void {
  a.mov(rcx, item("first"));
  a.mov(r11, call("features"));
  a.sub(r11, rcx);
  a.movImmediate(rax, LANES);
  a.cmp(r11, rax);
  a.cmov("g", r11, rax);
}
