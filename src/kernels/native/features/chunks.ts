import { type Assembler, number, r8, r9, rax, rcx, rdi, rsi } from "../assembler/index.ts";
import { CHUNK, VECTORS } from "./layout.ts";
import { keyWeights, queryWeights } from "./maps/favor.ts";
import { makeFeatures } from "./maps/index.ts";
import { ifScaled, openState } from "./scaled-states.ts";
import { addChunk, divide, openDivisors } from "./sums.ts";
import { turnRows } from "./turn.ts";
import { BY_TOKEN, call, copy, item, lane, type Part, part, product, REPLACES } from "./words.ts";

/** The tensors whose tokens are read or written, and bytes of a row of each. */
const ROWS = {
  ...{ q: "keyRow", k: "keyRow", v: "valueRow", out: "valueRow", rowSums: "sumRow" },
  ...{ dout: "valueRow", dq: "keyRow", dk: "keyRow", dv: "valueRow" },
} as const;
type Tensor = keyof typeof ROWS;

/**
 * Does `body` for every chunk of an item's tokens, with the lane's words set for it; `of` are the tensors that it meets. It
 * may make the chunk shorter.
 */
export function everyChunk(a: Assembler, of: readonly Tensor[], body: () => void): void {
  const next = a.fresh("chunk");
  openTensors(a, of);
  a.movImmediate(rax, VECTORS);
  a.store(lane("ahead"), rax);
  copy(a, lane("first"), item("first"));
  copy(a, lane("left"), item("tokens"));
  a.label(next);
  a.movImmediate(rax, CHUNK);
  a.mov(rcx, lane("left"));
  a.cmp(rcx, rax);
  a.cmov("g", rcx, rax);
  a.store(lane("count"), rcx);
  body();
  a.mov(rcx, lane("count"));
  moveTensors(a, of);
  a.mov(rax, lane("first"));
  a.add(rax, rcx);
  a.store(lane("first"), rax);
  a.mov(rax, lane("left"));
  a.sub(rax, rcx);
  a.store(lane("left"), rax);
  a.jumpIf("g", next);
}

/**
 * The same from an item's last chunk to its first, of which none may be made shorter: lane.left is how many tokens of the item
 * come before.
 */
export function everyChunkBack(a: Assembler, of: readonly Tensor[], body: () => void): void {
  const next = a.fresh("chunk_back");
  const done = a.fresh("chunks_done");
  openTensors(a, of);
  a.xor(rax, rax);
  a.sub(rax, number(VECTORS));
  a.store(lane("ahead"), rax);
  a.mov(rcx, item("tokens"));
  a.sub(rcx, number(1));
  a.and(rcx, number(-CHUNK));
  a.store(lane("left"), rcx);
  moveTensors(a, of);
  a.mov(rax, item("first"));
  a.add(rax, rcx);
  a.store(lane("first"), rax);
  a.mov(rax, item("tokens"));
  a.sub(rax, rcx);
  a.store(lane("count"), rax);
  a.label(next);
  body();
  a.mov(rax, lane("left"));
  a.sub(rax, number(CHUNK));
  a.jumpIf("l", done);
  a.store(lane("left"), rax);
  a.movImmediate(rcx, CHUNK);
  a.store(lane("count"), rcx);
  a.xor(rcx, rcx);
  a.sub(rcx, number(CHUNK));
  moveTensors(a, of);
  a.mov(rax, lane("first"));
  a.add(rax, rcx);
  a.store(lane("first"), rax);
  a.jump(next);
  a.label(done);
}

/** Where the first token of an item is in each tensor. */
function openTensors(a: Assembler, of: readonly Tensor[]): void {
  for (const name of [...of, "weights"] as const) {
    a.mov(rax, call(name));
    a.add(rax, item(name));
    a.store(lane(name), rax);
  }
}

/** Goes on by rcx tokens in each tensor. Uses rax. */
function moveTensors(a: Assembler, of: readonly Tensor[]): void {
  for (const name of of) {
    a.mov(rax, call(ROWS[name]));
    a.imul(rax, rcx);
    a.add(rax, lane(name));
    a.store(lane(name), rax);
  }
}

/** φ(K) of the chunk, into the lane, for the lane's state to take in. */
export const keyFeatures = part("key_features", (a) => {
  a.mov(rsi, lane("k"));
  a.mov(rdi, lane("keyRows"));
  turnRows(a, "v");
  ifScaled(
    a,
    () => keyWeights(a),
    () => {
      a.mov(r8, lane("keyRows"));
      a.mov(r9, lane("keys"));
      makeFeatures(a);
    },
  );
});

/** φ(Q) of the chunk, into the lane, to read the state at lane.read. */
export const queryFeatures = queriesBeside("out");

/** The same where dout is read as well. */
export const doutFeatures = queriesBeside("dout");

function queriesBeside(beside: "out" | "dout"): Part {
  return part(`features_beside_${beside}`, (a) => writeQueries(a, beside));
}

function writeQueries(a: Assembler, beside: "out" | "dout"): void {
  a.mov(rsi, lane("q"));
  a.mov(rdi, lane("queryRows"));
  turnRows(a, beside);
  ifScaled(
    a,
    () => queryWeights(a),
    () => {
      a.mov(r8, lane("queryRows"));
      a.mov(r9, lane("queries"));
      makeFeatures(a);
    },
  );
}

/** The state of an item's keys and values. */
export function accumulate(a: Assembler): void {
  copy(a, lane("state"), item("state"));
  a.mov(r8, lane("state"));
  openState.call(a);
  everyChunk(a, ["k", "v"], () => {
    keyFeatures.call(a);
    addChunk.call(a);
  });
}

/** An item's queries with the state of all keys. */
export function read(a: Assembler): void {
  copy(a, lane("read"), item("state"));
  everyChunk(a, ["q", "out", "rowSums"], () => {
    queryFeatures.call(a);
    readState.call(a);
    divide.call(a);
  });
}

/** Divisors and sums of a chunk's queries with the state at lane.read, undivided: out = φ(Q)·S. */
export const readState = part("read_state", (a) => {
  openDivisors(a);
  product(a, {
    ...{ a: lane("queries"), ...BY_TOKEN, rows: lane("count"), inner: call("features") },
    ...{ b: lane("read"), bRow: call("stateRow"), columns: call("columns") },
    ...{ c: lane("out"), cRow: call("valueRow"), ...REPLACES },
  });
});
