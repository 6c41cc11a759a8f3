import type { NormaliserName } from "../../../pairwise/row-numbers.ts";
import { EMPTY_STATE, FINAL } from "../../schedule.ts";
import { type Assembler, at, number, r8, rax, rbp, rcx, rdi, zmm } from "../assembler/index.ts";
import { forEachItem, functionOf } from "../code/frame.ts";
import { VECTOR } from "../code/transpose.ts";
import { findKeyPlaces, findPlaces } from "../pairwise/biases.ts";
import { findKeys } from "../pairwise/keys.ts";
import { CALL, ITEM_BYTES, LANE, TASK, TILE } from "../pairwise/layout.ts";
import { findRows, loadOutputs, packQueries, type Squares, storeOutputs } from "../pairwise/rows.ts";
import { clearOutputs, loadLeft, neutralFactors } from "../pairwise/state.ts";
import { addValues, type KeySum } from "../pairwise/values.ts";
import { callByVectors, forEachBlock, nextTask, whetherMasked } from "../pairwise/walk.ts";
import { addByPlace, addToBiases } from "./add-to-biases.ts";
import { findSums } from "./find-sums.ts";
import { addToKeys, sumApart, sumTogether } from "./key-sums.ts";
import { BACKWARD_CALL, BACKWARD_LANE, UNIT, UNIT_BYTES } from "./layout.ts";
import { clearMeans, findDoutRows, findMeans, gradientFactors, packDout, packRows } from "./rows.ts";
import { writeSlopes } from "./slopes.ts";

/** Subroutines that all widths share. */
const PART = {
  clearSums: "clear_sums",
  findRows: "find_rows",
  packQueries: "pack_queries",
  findPlaces: "find_places",
  findDoutRows: "find_dout_rows",
  loadLeft: "load_left",
  packRows: "pack_rows",
  packDout: "pack_dout",
  findMeans: "find_means",
  clearGradients: "clear_gradients",
  loadGradients: "load_gradients",
  storeGradients: "store_gradients",
  findKeys: "find_keys",
  findKeyPlaces: "find_key_places",
  findSums: "find_sums",
  sumTogether: "sum_together",
  sumApart: "sum_apart",
  addByPlace: "add_by_place",
} as const;

/** dq as rows in memory, and transposed in the lane. */
const GRADIENTS: Squares = {
  channels: CALL.channels,
  tail: CALL.channelTail,
  rows: LANE.outputRows,
  columns: LANE.outputs,
};

/** dQᵀ[channel][query] += Σ_key K[key][channel] · dSᵀ[key][query]. */
const KEYS_BY_SLOPES: KeySum = { rows: LANE.keyRows, weights: BACKWARD_LANE.slopes, width: CALL.channels };

const rowsOf = (vectors: number): string => `rows_${vectors}`;

/**
 * The backward pass of the units of a queue: `backward(lane)`. Of each tile the weights once more, the gradients of scores,
 * and what they add to dq, dk, dv and biases (Dao et al. 2022, arXiv 2205.14135, algorithm 4): five products, in the order of
 * `slopes.ts`, `values.ts` and `key-sums.ts`. rbp is the lane and rdi the call throughout.
 */
export function writeBackward(a: Assembler, normaliser: NormaliserName): void {
  functionOf(a, "backward_pass", () => {
    a.mov(rbp, rdi);
    forEachItem(
      a,
      () => {
        a.mov(rdi, at(rbp, LANE.call));
        return rdi;
      },
      () => writeUnit(a),
    );
  });
  for (let vectors = 1; vectors <= TILE.vectors; vectors++) writeRows(a, vectors, normaliser);
  clearSums(a, PART.clearSums);
  findRows(a, PART.findRows);
  packQueries(a, PART.packQueries);
  findPlaces(a, PART.findPlaces);
  findDoutRows(a, PART.findDoutRows);
  loadLeft(a, PART.loadLeft);
  packRows(a, PART.packRows);
  packDout(a, PART.packDout);
  if (normaliser === "softmax") findMeans(a, PART.findMeans);
  else clearMeans(a, PART.findMeans);
  clearOutputs(a, PART.clearGradients, CALL.channels);
  loadOutputs(a, PART.loadGradients, GRADIENTS);
  storeOutputs(a, PART.storeGradients, GRADIENTS);
  findKeys(a, PART.findKeys);
  findKeyPlaces(a, PART.findKeyPlaces);
  findSums(a, PART.findSums);
  sumTogether(a, PART.sumTogether);
  sumApart(a, PART.sumApart);
  addByPlace(a, PART.addByPlace);
}

/** The unit whose number is in rax: its sums cleared if they begin, then its items. */
function writeUnit(a: Assembler): void {
  const [next, done] = [a.fresh("unit_item"), a.fresh("unit_done")];
  a.imulImmediate(rax, rax, UNIT_BYTES);
  a.add(rax, at(rdi, BACKWARD_CALL.units));
  a.store(at(rbp, BACKWARD_LANE.unit), rax);
  a.mov(rcx, at(rax, UNIT.item));
  a.store(at(rbp, BACKWARD_LANE.next), rcx);
  a.call(PART.clearSums);
  a.label(next);
  a.mov(rcx, at(rbp, BACKWARD_LANE.unit));
  a.mov(rax, at(rbp, BACKWARD_LANE.next));
  a.cmp(rax, at(rcx, UNIT.end));
  a.jumpIf("ge", done);
  callByVectors(a, rowsOf);
  a.mov(rax, at(rbp, BACKWARD_LANE.next));
  a.add(rax, number(ITEM_BYTES));
  a.store(at(rbp, BACKWARD_LANE.next), rax);
  a.jump(next);
  a.label(done);
}

/** The sums of the unit at rax, which are whole vectors. */
function clearSums(a: Assembler, label: string): void {
  const [top, done] = [a.fresh("clear"), a.fresh("cleared")];
  a.label(label);
  a.mov(r8, at(rax, UNIT.clear));
  a.mov(rcx, at(rax, UNIT.clearBytes));
  a.vpxord(zmm(0), zmm(0), zmm(0));
  a.label(top);
  a.sub(rcx, number(VECTOR));
  a.jumpIf("l", done);
  a.vmovupsStore(at(r8), zmm(0));
  a.add(r8, number(VECTOR));
  a.jump(top);
  a.label(done);
  a.ret();
}

/** The rows of one item, task by task until they close. */
function writeRows(a: Assembler, vectors: number, normaliser: NormaliserName): void {
  const [begin, task, final, write, written] = ["begin", "task", "final", "write", "written"].map((name) =>
    a.fresh(name),
  );
  a.label(rowsOf(vectors));
  for (const part of [
    PART.findRows,
    PART.packQueries,
    PART.findPlaces,
    PART.findDoutRows,
    PART.loadLeft,
    PART.packRows,
    PART.packDout,
    PART.findMeans,
  ]) {
    a.call(part);
  }
  a.movImmediate(rcx, 1);
  a.store(at(rbp, LANE.empty), rcx);
  a.mov(rax, at(rbp, LANE.task));
  a.mov(rax, at(rax, TASK.flags));
  a.and(rax, number(EMPTY_STATE));
  a.jumpIf("ne", begin);
  a.store(at(rbp, LANE.empty), rax);
  a.call(PART.loadGradients);
  a.label(begin);

  a.label(task);
  forEachBlock(
    a,
    () => {},
    () => writeBlock(a, vectors, normaliser),
  );
  nextTask(a);
  a.jumpIf("e", task);

  a.mov(rax, at(rbp, LANE.empty));
  a.test(rax, rax);
  a.jumpIf("e", written);
  a.call(PART.clearGradients);
  a.label(written);
  a.and(rcx, number(FINAL));
  a.jumpIf("ne", final);
  neutralFactors(a);
  a.jump(write);
  a.label(final);
  gradientFactors(a);
  a.label(write);
  a.call(PART.storeGradients);
  a.ret();
}

/** Up to 64 keys: weights and gradients of scores, then what they add to queries and to keys. */
function writeBlock(a: Assembler, vectors: number, normaliser: NormaliserName): void {
  const [apart, done] = [a.fresh("keys_apart"), a.fresh("block_done")];
  a.call(PART.findKeys);
  a.call(PART.findKeyPlaces);
  a.call(PART.findSums);
  writeSlopes(a, vectors, normaliser);
  addToBiases(a, vectors, PART.addByPlace);
  whetherMasked(a, (masked) => addValues(a, vectors, masked, KEYS_BY_SLOPES));
  a.xor(rax, rax);
  a.store(at(rbp, LANE.empty), rax);
  a.mov(rax, at(rbp, LANE.mask));
  a.test(rax, rax);
  const together = a.fresh("keys_together");
  a.jumpIf("e", together);
  a.mov(rax, at(rbp, BACKWARD_LANE.spreads));
  a.test(rax, rax);
  a.jumpIf("ne", apart);
  a.label(together);
  addToKeys(a, PART.sumTogether);
  a.jump(done);
  a.label(apart);
  addToKeys(a, PART.sumApart);
  a.label(done);
}
