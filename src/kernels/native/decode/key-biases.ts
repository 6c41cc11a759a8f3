import {
  type Assembler,
  at,
  COMPARE_INTEGERS,
  type Gpr,
  mask,
  number,
  r8,
  r9,
  r10,
  r12,
  r13,
  rax,
  rbp,
  rcx,
  zmm,
} from "../assembler/index.ts";
import { LANES } from "../code/transpose.ts";
import { CALL, READER, SLICE } from "./layout.ts";
import { KEYS } from "./weights.ts";

/** Lanes of a gather, which clears them. */
const GATHERED = mask(6);

/** 0 to 15. */
export function sixteenLanes(a: Assembler) {
  return a.words(Array.from({ length: LANES }, (_, lane) => lane));
}

/**
 * Lists the places of the next `taken` keys of a piece from entry `listed` on, if scores have biases: caches keep the
 * place of every key by its slot. `slice`, `listed` and `taken` stay.
 */
export function listPlaces(a: Assembler, slice: Gpr, listed: Gpr, taken: Gpr): void {
  const [slots, further, first, places] = [0, 1, 2, 3].map(zmm);
  const [step, left, to] = [r8, r10, r9];
  const [more, unbiased] = [a.fresh("more_places"), a.fresh("unbiased")];
  a.mov(rax, at(rbp, CALL.biased));
  a.test(rax, rax);
  a.jumpIf("e", unbiased);
  a.mov(step, at(rbp, CALL.slotStep));
  a.vpbroadcastd(slots, step);
  a.vpslld(further, slots, 4);
  a.vpmulld(slots, slots, sixteenLanes(a));
  a.mov(rax, at(rbp, CALL.pieceSlot));
  a.vpbroadcastd(first, rax);
  a.vpaddd(slots, slots, first);
  a.imul(step, taken);
  a.add(rax, step);
  a.store(at(rbp, CALL.pieceSlot), rax);
  a.mov(rcx, at(slice, SLICE.placeAt));
  a.lea(to, at(rbp, CALL.placeList, listed, 4));
  a.mov(left, taken);
  a.label(more);
  a.vpbroadcastd(first, left);
  a.vpcmpd(GATHERED, first, sixteenLanes(a), COMPARE_INTEGERS.greater);
  a.vpxord(places, places, places);
  a.vgatherdps(places, { base: rcx, lanes: slots, displacement: 0 }, GATHERED);
  a.vmovupsStore(at(to), places);
  a.vpaddd(slots, slots, further);
  a.add(to, number(4 * LANES));
  a.sub(left, number(LANES));
  a.jumpIf("g", more);
  a.label(unbiased);
}

/** Adds to 16 scores in vector 0, whose weights belong at r13, what the head of the reader at r12 has at their distances, if it has biases. */
export function addKeyBiases(a: Assembler): void {
  const [score, lanes, biases] = [zmm(0), zmm(16), zmm(17)];
  const unbiased = a.fresh("unbiased");
  a.mov(rcx, at(r12, READER.bias));
  a.test(rcx, rcx);
  a.jumpIf("e", unbiased);
  a.mov(rax, r13);
  a.sub(rax, at(r12, READER.weights));
  a.vmovdqu32(lanes, at(rbp, CALL.placeList, rax));
  a.mov(rax, at(rbp, CALL.queryPlace));
  a.vpbroadcastd(biases, rax);
  a.vpsubd(lanes, lanes, biases);
  a.vpxord(biases, biases, biases);
  a.kandw(GATHERED, KEYS, KEYS);
  a.vgatherdps(biases, { base: rcx, lanes, displacement: 0 }, GATHERED);
  a.vaddps(score, score, biases);
  a.label(unbiased);
}
