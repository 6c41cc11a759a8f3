import type { NormaliserName } from "../../../pairwise/row-numbers.ts";
import { CLOSES_ROWS, EMPTY_STATE, FINAL } from "../../schedule.ts";
import { type Assembler, at, number, rax, rbp, rcx, rdi, zmm } from "../assembler/index.ts";
import { forEachItem, functionOf } from "../code/frame.ts";
import { findKeyPlaces, findPlaces } from "./biases.ts";
import { writeWeights } from "./block.ts";
import { findKeys } from "./keys.ts";
import { BLOCK, CALL, ITEM, ITEM_BYTES, LANE, TASK, TASK_BYTES, TILE } from "./layout.ts";
import { findRows, loadOutputs, packQueries, storeOutputs } from "./rows.ts";
import { markRows, rescaleRows } from "./softmax.ts";
import {
  clearOutputs,
  clearState,
  factorsOf,
  keepState,
  leaveRows,
  loadState,
  neutralFactors,
} from "./state.ts";
import { addValues } from "./values.ts";

/** Subroutines that all widths share. */
const PART = {
  findRows: "find_rows",
  packQueries: "pack_queries",
  clearState: "clear_state",
  clearOutputs: "clear_outputs",
  loadState: "load_state",
  loadOutputs: "load_outputs",
  keepState: "keep_state",
  leaveRows: "leave_rows",
  storeOutputs: "store_outputs",
  findKeys: "find_keys",
  findPlaces: "find_places",
  findKeyPlaces: "find_key_places",
} as const;

const rowsOf = (vectors: number): string => `rows_${vectors}`;
const rescaleOf = (vectors: number): string => `rescale_${vectors}`;

/**
 * Attention of the items of a queue, each up to 48 rows of a head: `attend(lane)`. rbp is the lane and rdi the call
 * throughout; everything else is free between the parts.
 */
export function writeAttention(a: Assembler, normaliser: NormaliserName): void {
  functionOf(a, "attend", () => {
    a.mov(rbp, rdi);
    forEachItem(
      a,
      () => {
        a.mov(rdi, at(rbp, LANE.call));
        return rdi;
      },
      () => {
        a.imulImmediate(rax, rax, ITEM_BYTES);
        a.add(rax, at(rdi, CALL.items));
        callByVectors(a, rowsOf);
      },
    );
  });
  for (let vectors = 1; vectors <= TILE.vectors; vectors++) {
    writeRows(a, vectors, normaliser);
    rescaleRows(a, rescaleOf(vectors), vectors);
  }
  findRows(a, PART.findRows);
  packQueries(a, PART.packQueries);
  clearState(a, PART.clearState);
  clearOutputs(a, PART.clearOutputs);
  loadState(a, PART.loadState);
  loadOutputs(a, PART.loadOutputs);
  keepState(a, PART.keepState);
  leaveRows(a, PART.leaveRows);
  storeOutputs(a, PART.storeOutputs);
  findKeys(a, PART.findKeys);
  findPlaces(a, PART.findPlaces);
  findKeyPlaces(a, PART.findKeyPlaces);
}

/** Begins with the item at rax, and calls what has been written for its number of vectors. */
export function callByVectors(a: Assembler, label: (vectors: number) => string): void {
  a.store(at(rbp, LANE.item), rax);
  a.mov(rcx, at(rax, ITEM.task));
  a.store(at(rbp, LANE.task), rcx);
  a.mov(rcx, at(rax, ITEM.vectors));
  a.store(at(rbp, LANE.vectors), rcx);
  const done = a.fresh("item_done");
  for (let vectors = 1; vectors <= TILE.vectors; vectors++) {
    const other = a.fresh("wider");
    a.cmp(rcx, number(vectors));
    a.jumpIf("ne", other);
    a.call(label(vectors));
    a.jump(done);
    a.label(other);
  }
  a.label(done);
}

/** The rows of one item, task by task until they close. */
function writeRows(a: Assembler, vectors: number, normaliser: NormaliserName): void {
  const [begin, task, close, keep, write] = ["begin", "task", "close", "keep", "write"].map((name) =>
    a.fresh(name),
  );
  a.label(rowsOf(vectors));
  a.call(PART.findRows);
  a.call(PART.packQueries);
  a.call(PART.findPlaces);
  a.mov(rax, at(rbp, LANE.task));
  a.mov(rax, at(rax, TASK.flags));
  a.and(rax, number(EMPTY_STATE));
  a.jumpIf("ne", begin);
  a.call(PART.loadOutputs);
  a.call(PART.loadState);
  a.jump(task);
  a.label(begin);
  a.call(PART.clearState);

  a.label(task);
  writeTask(a, vectors, normaliser);
  nextTask(a);
  a.jumpIf("e", task);

  a.label(close);
  const written = a.fresh("written");
  a.mov(rax, at(rbp, LANE.empty));
  a.test(rax, rax);
  a.jumpIf("e", written);
  a.call(PART.clearOutputs);
  a.label(written);
  a.and(rcx, number(FINAL));
  a.jumpIf("e", keep);
  factorsOf(a, normaliser);
  a.call(PART.leaveRows);
  a.jump(write);
  a.label(keep);
  a.call(PART.keepState);
  neutralFactors(a);
  a.label(write);
  a.call(PART.storeOutputs);
  a.ret();
}

/** Goes on to the next task: equal if it belongs to the same rows. Otherwise rcx has what is to be done with them. */
export function nextTask(a: Assembler): void {
  a.mov(rax, at(rbp, LANE.task));
  a.mov(rcx, at(rax, TASK.flags));
  a.add(rax, number(TASK_BYTES));
  a.store(at(rbp, LANE.task), rax);
  a.and(rcx, number(CLOSES_ROWS | FINAL));
}

/** The keys of one task, a block at a time: addresses, weights tile by tile, weighted values. */
function writeTask(a: Assembler, vectors: number, normaliser: NormaliserName): void {
  const opened = (): void => {
    if (normaliser === "softmax") markRows(a, vectors);
  };
  forEachBlock(a, opened, () => {
    a.call(PART.findKeys);
    a.call(PART.findKeyPlaces);
    writeWeights(a, vectors, normaliser, rescaleOf(vectors));
    whetherMasked(a, (masked) => addValues(a, vectors, masked));
    endBlock(a, vectors, normaliser);
  });
}

/**
 * Does `body` for blocks of up to 64 keys of the lane's task. `opened` comes first and finds the task in rax.
 */
export function forEachBlock(a: Assembler, opened: () => void, body: () => void): void {
  const [block, unmasked, done] = ["block", "block_unmasked", "task_done"].map((name) => a.fresh(name));
  a.mov(rax, at(rbp, LANE.task));
  for (const [from, to] of [
    [TASK.keys, LANE.left],
    [TASK.list, LANE.list],
    [TASK.first, LANE.first],
    [TASK.mask, LANE.mask],
  ]) {
    a.mov(rcx, at(rax, from));
    a.store(at(rbp, to), rcx);
  }
  opened();
  a.label(block);
  a.mov(rcx, at(rbp, LANE.left));
  a.test(rcx, rcx);
  a.jumpIf("e", done);
  a.movImmediate(rax, BLOCK);
  a.cmp(rcx, rax);
  a.cmov("g", rcx, rax);
  a.shl(rcx, 3);
  a.store(at(rbp, LANE.blockEnd), rcx);
  body();
  a.mov(rcx, at(rbp, LANE.blockEnd));
  a.mov(rax, at(rbp, LANE.mask));
  a.test(rax, rax);
  a.jumpIf("e", unmasked);
  a.add(rax, rcx);
  a.store(at(rbp, LANE.mask), rax);
  a.label(unmasked);
  a.shr(rcx, 3);
  a.mov(rax, at(rbp, LANE.left));
  a.sub(rax, rcx);
  a.store(at(rbp, LANE.left), rax);
  a.mov(rax, at(rbp, LANE.first));
  a.add(rax, rcx);
  a.store(at(rbp, LANE.first), rax);
  a.jump(block);
  a.label(done);
}

/** Writes `body` twice, for a block whose task has a mask and for one of which all rows attend all keys. */
export function whetherMasked(a: Assembler, body: (masked: boolean) => void): void {
  const [plain, done] = ["plain", "either"].map((name) => a.fresh(name));
  a.mov(rax, at(rbp, LANE.mask));
  a.test(rax, rax);
  a.jumpIf("e", plain);
  body(true);
  a.jump(done);
  a.label(plain);
  body(false);
  a.label(done);
}

/** Adds the sum of the block's weights to the rows' own, which have outputs now. */
function endBlock(a: Assembler, vectors: number, normaliser: NormaliserName): void {
  a.xor(rax, rax);
  a.store(at(rbp, LANE.empty), rax);
  if (normaliser !== "softmax") return;
  for (let vector = 0; vector < vectors; vector++) {
    const total = at(rbp, LANE.total + 64 * vector);
    a.vmovups(zmm(0), total);
    a.vaddps(zmm(0), zmm(0), at(rbp, LANE.blockTotal + 64 * vector));
    a.vmovupsStore(total, zmm(0));
  }
}
