import { type Assembler, number, r8, r9, rax, rcx, rdi, rsi } from "../assembler/index.ts";
import { CHUNK } from "./layout.ts";
import { makeFeatures } from "./maps/index.ts";
import { clearState } from "./states.ts";
import { addChunk, divide, openDivisors } from "./sums.ts";
import { turnRows } from "./turn.ts";
import { BY_TOKEN, call, copy, item, lane, product, REPLACES } from "./words.ts";

/** The tensors whose tokens are read or written, and bytes of a row of each. */
const ROWS = { q: "keyRow", k: "keyRow", v: "valueRow", out: "valueRow" } as const;
type Tensor = keyof typeof ROWS;

/** Does `body` for every chunk of an item's tokens, with the lane's words set for it; `of` are the tensors that it meets. */
export function everyChunk(a: Assembler, of: readonly Tensor[], body: () => void): void {
  const next = a.fresh("chunk");
  for (const name of of) {
    a.mov(rax, call(name));
    a.add(rax, item(name));
    a.store(lane(name), rax);
  }
  copy(a, lane("first"), item("first"));
  copy(a, lane("left"), item("tokens"));
  a.label(next);
  a.movImmediate(rax, CHUNK);
  a.mov(rcx, lane("left"));
  a.cmp(rcx, rax);
  a.cmov("g", rcx, rax);
  a.store(lane("count"), rcx);
  body();
  for (const name of of) {
    a.mov(rax, call(ROWS[name]));
    a.shl(rax, Math.log2(CHUNK));
    a.add(rax, lane(name));
    a.store(lane(name), rax);
  }
  a.mov(rax, lane("first"));
  a.add(rax, number(CHUNK));
  a.store(lane("first"), rax);
  a.mov(rax, lane("left"));
  a.sub(rax, number(CHUNK));
  a.store(lane("left"), rax);
  a.jumpIf("g", next);
}

/** φ(K) of the chunk, or φ(Q), into the lane. */
export function featuresOf(a: Assembler, of: "k" | "q"): void {
  const [rows, features] = of === "k" ? (["keyRows", "keys"] as const) : (["queryRows", "queries"] as const);
  a.mov(rsi, lane(of));
  a.mov(rdi, lane(rows));
  turnRows(a);
  a.mov(r8, lane(rows));
  a.mov(r9, lane(features));
  makeFeatures(a);
}

/** The state of an item's keys and values. */
export function accumulate(a: Assembler): void {
  copy(a, lane("state"), item("state"));
  a.mov(r8, lane("state"));
  clearState(a);
  everyChunk(a, ["k", "v"], () => {
    featuresOf(a, "k");
    addChunk(a);
  });
}

/** An item's queries with the state of all keys. */
export function read(a: Assembler): void {
  copy(a, lane("state"), item("state"));
  everyChunk(a, ["q", "out"], () => {
    featuresOf(a, "q");
    a.mov(r8, lane("state"));
    openDivisors(a);
    readState(a, "state");
    divide(a);
  });
}

/** The sums of a chunk's queries, undivided: out = φ(Q)·S. */
export function readState(a: Assembler, state: "state" | "total"): void {
  product(a, {
    ...{ a: lane("queries"), ...BY_TOKEN, rows: lane("count"), inner: call("features") },
    ...{ b: lane(state), bRow: call("stateRow"), columns: call("columns") },
    ...{ c: lane("out"), cRow: call("valueRow"), ...REPLACES },
  });
}
