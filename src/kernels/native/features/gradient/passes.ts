import { type Assembler, number, r8, r9, r10, rax, rdi, rdx, rsi } from "../../assembler/index.ts";
import { doutFeatures, everyChunk, everyChunkBack, keyFeatures } from "../chunks.ts";
import { CHUNK, ITEM_BYTES } from "../layout.ts";
import { openState, sumStates } from "../scaled-states.ts";
import { addChunk } from "../sums.ts";
import { call, copy, ITEM_BLOCK, item, lane } from "../words.ts";
import { featuresBack } from "./maps/index.ts";
import { openMeans, openShares, openValues } from "./shares.ts";
import { addQueries, keySlopes, querySlopes, slopesAndMeans, valueSlopes } from "./slopes.ts";
import { addOwnKeys, addOwnQueries, addOwnShares, openPairs } from "./triangles.ts";
import { turnBack } from "./turn-back.ts";

/** Causal, the means of queries are made of the output. */
const OF_QUERIES = ["q", "out", "dout", "rowSums"] as const;

/** Where every query sees all keys: dq of an item's queries by the state S of keys, and their own state U. */
export function readQueries(a: Assembler): void {
  copy(a, lane("read"), item("state"));
  openReverse(a, "reverse");
  everyChunk(a, ["q", "dout", "rowSums", "dq"], () => {
    doutFeatures.call(a);
    openShares.call(a);
    slopesAndMeans.call(a);
    addQueries.call(a);
    writeBack(a, "queries");
  });
}

/** dk and dv of an item's keys by the state of all queries. */
export function readKeys(a: Assembler): void {
  copy(a, lane("total"), item("reverse"));
  // Weights of FAVOR+ are less the exponents of all keys, than which none is far larger.
  copy(a, lane("state"), item("state"));
  everyChunk(a, ["k", "v", "dk", "dv"], () => {
    keyFeatures.call(a);
    openValues.call(a);
    valueSlopes.call(a);
    keySlopes.call(a);
    writeBack(a, "keys");
  });
}

/** The state of a segment's queries, in the order in which a walk adds them: from the last chunk on. */
export function accumulateQueries(a: Assembler): void {
  openReverse(a, "reverse");
  everyChunkBack(a, OF_QUERIES, () => {
    doutFeatures.call(a);
    openMeans.call(a);
    addQueries.call(a);
  });
}

/**
 * Causal: segments from the last on, as many as a thread takes together. Of a segment first what each chunk's queries have seen
 * before it, S, then its chunks from the last: queries read S, keys the state U of the queries behind them, and both the pairs of
 * their own chunk.
 */
export function walkBack(a: Assembler): void {
  const [segment, begun, last] = ["back_segment", "back_begun", "back_last"].map((name) => a.fresh(name));
  copy(a, lane("itemsLeft"), call("stride"));
  a.label(segment);
  a.mov(rax, item("begins"));
  a.test(rax, rax);
  a.jumpIf("e", begun);
  a.mov(r8, item("reverse"));
  openState.call(a);
  a.label(begun);
  writeCheckpoints(a);
  openReverse(a, "own");
  everyChunkBack(a, [...OF_QUERIES, "dq", "k", "v", "dk", "dv"], () => {
    a.mov(r8, item("reverse"));
    a.mov(r9, lane("state"));
    a.mov(r10, lane("total"));
    sumStates.call(a);
    const kept = a.fresh("keys_kept");
    a.mov(rax, call("keptKeys"));
    a.test(rax, rax);
    a.jumpIf("ne", kept);
    keyFeatures.call(a);
    a.label(kept);
    doutFeatures.call(a);
    openMeans.call(a);
    openValues.call(a);
    openPairs.call(a);
    querySlopes.call(a);
    addOwnKeys.call(a);
    writeBack(a, "queries");
    valueSlopes.call(a);
    addOwnShares.call(a);
    keySlopes.call(a);
    addOwnQueries.call(a);
    writeBack(a, "keys");
    addQueries.call(a);
    // The chunk before has seen less, and has its own keys.
    moveBy(a, "read", "stateBytes", "back");
    for (const name of ["keys", "keyRows"] as const) moveBy(a, name, "keptKeys", "back");
  });
  a.mov(r10, item("nextReverse"));
  a.test(r10, r10);
  a.jumpIf("e", last);
  a.mov(r8, item("reverse"));
  a.mov(r9, lane("state"));
  sumStates.call(a);
  a.label(last);
  a.add(ITEM_BLOCK, number(ITEM_BYTES));
  a.mov(rax, lane("itemsLeft"));
  a.sub(rax, number(1));
  a.store(lane("itemsLeft"), rax);
  a.jumpIf("g", segment);
}

/**
 * Leaves the state of keys before each chunk of the segment, one after the other, and if there is room the features of its keys, and
 * the lane at those of the last.
 */
function writeCheckpoints(a: Assembler): void {
  copy(a, lane("keys"), lane("firstKeys"));
  copy(a, lane("keyRows"), lane("firstKeys"));
  moveBy(a, "keyRows", "beyondKeys");
  copy(a, lane("state"), lane("local"));
  a.mov(r8, lane("local"));
  openState.call(a);
  copy(a, lane("read"), lane("checkpoints"));
  everyChunk(a, ["k", "v"], () => {
    const lastChunk = a.fresh("last_checkpoint");
    a.mov(r8, item("state"));
    a.mov(r9, lane("local"));
    a.mov(r10, lane("read"));
    sumStates.call(a);
    keyFeatures.call(a);
    a.mov(rax, lane("left"));
    a.cmp(rax, number(CHUNK));
    a.jumpIf("le", lastChunk);
    addChunk.call(a);
    moveBy(a, "read", "stateBytes");
    for (const name of ["keys", "keyRows"] as const) moveBy(a, name, "keptKeys");
    a.label(lastChunk);
  });
}

/** Moves a place of the lane on, or back, by so many bytes as the call says. */
function moveBy(
  a: Assembler,
  name: "read" | "keys" | "keyRows",
  by: "stateBytes" | "keptKeys" | "beyondKeys",
  to: "on" | "back" = "on",
): void {
  a.mov(rax, lane(name));
  if (to === "on") a.add(rax, call(by));
  else a.sub(rax, call(by));
  a.store(lane(name), rax);
}

/** The state that queries are added to becomes an empty one: the item's, or the thread's own. */
function openReverse(a: Assembler, of: "reverse" | "own"): void {
  copy(a, lane("state"), of === "own" ? lane("local") : item("reverse"));
  a.mov(r8, lane("state"));
  openState.call(a);
}

/** dq or dk of the chunk, by the gradients of features at lane.slopes. */
function writeBack(a: Assembler, of: "queries" | "keys"): void {
  featuresBack(a, of);
  a.mov(rsi, lane("back"));
  a.mov(rdi, lane(of === "queries" ? "dq" : "dk"));
  if (of === "keys") a.mov(rdx, item("adds"));
  else a.xor(rdx, rdx);
  turnBack.call(a);
}
