import { CLOSES_ROWS, EMPTY_STATE, FINAL } from "../../schedule.ts";
import {
  type Assembler,
  at,
  number,
  r8,
  r9,
  r10,
  r11,
  r12,
  rax,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  zmm,
} from "../assembler/index.ts";
import { forEachItem, functionOf } from "../code/frame.ts";
import { addBiases, findKeyPlaces, findPlaces } from "./biases.ts";
import { BLOCK, CALL, HEAD, ITEM, ITEM_BYTES, LANE, TASK, TASK_BYTES, TILE } from "./layout.ts";
import {
  clearOutputs,
  clearState,
  findRows,
  keepState,
  loadOutputs,
  loadState,
  neutralFactors,
  packQueries,
  storeOutputs,
} from "./rows.ts";
import { maskTile, scoreTile, type Tile } from "./scores.ts";
import { addValues } from "./values.ts";
import {
  factorsOf,
  type NormaliserName,
  raiseMaximum,
  reluTile,
  rescaleRows,
  sigmoidTile,
  softmaxTile,
} from "./weights.ts";

/** Subroutines that all widths share. */
const PART = {
  findRows: "find_rows",
  packQueries: "pack_queries",
  clearState: "clear_state",
  clearOutputs: "clear_outputs",
  loadState: "load_state",
  loadOutputs: "load_outputs",
  keepState: "keep_state",
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
          a.call(rowsOf(vectors));
          a.jump(done);
          a.label(other);
        }
        a.label(done);
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
  storeOutputs(a, PART.storeOutputs);
  findKeys(a, PART.findKeys);
  findPlaces(a, PART.findPlaces);
  findKeyPlaces(a, PART.findKeyPlaces);
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
  a.mov(rax, at(rbp, LANE.task));
  a.mov(rcx, at(rax, TASK.flags));
  a.add(rax, number(TASK_BYTES));
  a.store(at(rbp, LANE.task), rax);
  a.and(rcx, number(CLOSES_ROWS | FINAL));
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
  a.jump(write);
  a.label(keep);
  a.call(PART.keepState);
  neutralFactors(a);
  a.label(write);
  a.call(PART.storeOutputs);
  a.ret();
}

/** The keys of one task, a block at a time: addresses, weights tile by tile, weighted values. */
function writeTask(a: Assembler, vectors: number, normaliser: NormaliserName): void {
  const [block, plain, next, done] = ["block", "plain", "next_block", "task_done"].map((name) =>
    a.fresh(name),
  );
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
  a.label(block);
  a.mov(rcx, at(rbp, LANE.left));
  a.test(rcx, rcx);
  a.jumpIf("e", done);
  a.movImmediate(rax, BLOCK);
  a.cmp(rcx, rax);
  a.cmov("g", rcx, rax);
  a.shl(rcx, 3);
  a.store(at(rbp, LANE.blockEnd), rcx);
  a.call(PART.findKeys);
  a.call(PART.findKeyPlaces);
  writeWeights(a, vectors, normaliser);
  a.mov(rax, at(rbp, LANE.mask));
  a.test(rax, rax);
  a.jumpIf("e", plain);
  addValues(a, vectors, true);
  a.mov(rax, at(rbp, LANE.mask));
  a.add(rax, at(rbp, LANE.blockEnd));
  a.store(at(rbp, LANE.mask), rax);
  a.jump(next);
  a.label(plain);
  addValues(a, vectors, false);
  a.label(next);
  endBlock(a, vectors, normaliser);
  a.jump(block);
  a.label(done);
}

/** Weights of the block, by tiles of 8 keys, and of 4, 2 and 1 at its end. */
function writeWeights(a: Assembler, vectors: number, normaliser: NormaliserName): void {
  const elsewhere: (() => void)[] = [];
  a.vpxord(zmm(0), zmm(0), zmm(0));
  for (let vector = 0; vector < vectors; vector++)
    a.vmovupsStore(at(rbp, LANE.blockTotal + 64 * vector), zmm(0));
  a.xor(rdx, rdx);
  const [done, over] = [a.fresh("weighed"), a.fresh("after_rare")];
  for (let keys = TILE.keys; keys >= 1; keys /= 2) {
    const tile: Tile = { keys, vectors };
    const [top, fewer] = [a.fresh("tile"), a.fresh("fewer_keys")];
    a.label(top);
    a.lea(rax, at(rdx, 8 * keys));
    a.cmp(rax, at(rbp, LANE.blockEnd));
    a.jumpIf("g", fewer);
    scoreTile(a, tile);
    const unbiased = a.fresh("unbiased");
    const bias = a.fresh("bias");
    a.mov(rax, at(rbp, LANE.biased));
    a.test(rax, rax);
    a.jumpIf("ne", bias);
    a.label(unbiased);
    elsewhere.push(() => {
      a.label(bias);
      addBiases(a, tile);
      a.jump(unbiased);
    });
    const unmasked = a.fresh("unmasked");
    a.mov(rax, at(rbp, LANE.mask));
    a.test(rax, rax);
    a.jumpIf("e", unmasked);
    maskTile(a, tile);
    a.label(unmasked);
    if (normaliser === "softmax") {
      softmaxTile(a, tile, (back) => {
        const raise = a.fresh("raise");
        elsewhere.push(() => {
          a.label(raise);
          raiseMaximum(a, tile, rescaleOf(vectors));
          a.jump(back);
        });
        return raise;
      });
    } else if (normaliser === "relu") reluTile(a, tile);
    else sigmoidTile(a, tile);
    a.add(rdx, number(8 * keys));
    if (keys === TILE.keys) a.jump(top);
    a.label(fewer);
  }
  a.label(done);
  a.jump(over);
  for (const write of elsewhere) write();
  a.label(over);
}

/** Adds the sum of the block's weights to the rows' own, and goes on to the next block. */
function endBlock(a: Assembler, vectors: number, normaliser: NormaliserName): void {
  a.xor(rax, rax);
  a.store(at(rbp, LANE.empty), rax);
  if (normaliser === "softmax") {
    for (let vector = 0; vector < vectors; vector++) {
      const total = at(rbp, LANE.total + 64 * vector);
      a.vmovups(zmm(0), total);
      a.vaddps(zmm(0), zmm(0), at(rbp, LANE.blockTotal + 64 * vector));
      a.vmovupsStore(total, zmm(0));
    }
  }
  a.mov(rcx, at(rbp, LANE.blockEnd));
  a.shr(rcx, 3);
  a.mov(rax, at(rbp, LANE.left));
  a.sub(rax, rcx);
  a.store(at(rbp, LANE.left), rax);
  a.mov(rax, at(rbp, LANE.first));
  a.add(rax, rcx);
  a.store(at(rbp, LANE.first), rax);
}

/** Bytes that are fetched together. */
const CACHE_LINE = 64;

/**
 * A subroutine: addresses of the keys and values of a block. In order they are eight at a time, also beyond the last
 * key, where nobody reads.
 */
function findKeys(a: Assembler, label: string): void {
  const [listed, top, next] = ["listed", "in_order", "entry"].map((name) => a.fresh(name));
  a.label(label);
  a.mov(rax, at(rbp, LANE.item));
  a.mov(rax, at(rax, ITEM.head));
  a.mov(r8, at(rax, HEAD.k));
  a.mov(r9, at(rax, HEAD.v));
  a.mov(rsi, at(rbp, LANE.list));
  a.mov(rcx, at(rbp, LANE.first));
  a.mov(rbx, at(rbp, LANE.blockEnd));
  a.xor(rdx, rdx);
  a.test(rsi, rsi);
  a.jumpIf("ne", listed);
  for (const [address, bytes, steps, to] of [
    [r8, CALL.keyBytes, CALL.keySteps, zmm(0)],
    [r9, CALL.valueBytes, CALL.valueSteps, zmm(1)],
  ] as const) {
    a.mov(rax, rcx);
    a.imul(rax, at(rdi, bytes));
    a.add(rax, address);
    a.vpbroadcastq(to, rax);
    a.vpaddq(to, to, at(rdi, steps));
    a.mov(rax, at(rdi, bytes));
    a.shl(rax, 3);
    a.vpbroadcastq(zmm(to + 2), rax);
  }
  a.label(top);
  a.vmovdqu32Store(at(rbp, LANE.keyRows, rdx), zmm(0));
  a.vmovdqu32Store(at(rbp, LANE.valueRows, rdx), zmm(1));
  a.vpaddq(zmm(0), zmm(0), zmm(2));
  a.vpaddq(zmm(1), zmm(1), zmm(3));
  a.add(rdx, number(64));
  a.cmp(rdx, rbx);
  a.jumpIf("l", top);
  a.ret();

  a.label(listed);
  a.lea(rsi, at(rsi, 0, rcx, 4));
  a.mov(r10, at(rdi, CALL.keyBytes));
  a.mov(r11, at(rdi, CALL.valueBytes));
  a.label(next);
  a.movsxd(rax, at(rsi));
  a.mov(rcx, rax);
  a.imul(rax, r10);
  a.add(rax, r8);
  a.store(at(rbp, LANE.keyRows, rdx), rax);
  a.imul(rcx, r11);
  a.add(rcx, r9);
  a.store(at(rbp, LANE.valueRows, rdx), rcx);
  // Rows far apart are not foreseen by the processor.
  const line = a.fresh("line");
  a.xor(r12, r12);
  a.label(line);
  a.prefetcht0(at(rax, 0, r12));
  a.prefetcht0(at(rcx, 0, r12));
  a.add(r12, number(CACHE_LINE));
  a.cmp(r12, r10);
  a.jumpIf("l", line);
  a.add(rsi, number(4));
  a.add(rdx, number(8));
  a.cmp(rdx, rbx);
  a.jumpIf("l", next);
  a.ret();
}
