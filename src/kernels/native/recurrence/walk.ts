import { type Assembler, at, r8, r9, rax, rcx, rdi, rdx, rsi } from "../assembler/index.ts";
import { forEachItem, functionOf } from "../code/frame.ts";
import { ITEM, ITEM_BYTES, KIND, TOKENS } from "./layout.ts";
import { ifEqual, lane, type Site, subroutine, word } from "./site.ts";

/** What is read or written token by token, how far an item's tokens are from the first, and bytes of one. */
const TENSORS = [
  { name: "q", by: ITEM.rows, bytes: "keyBytes" },
  { name: "k", by: ITEM.rows, bytes: "keyBytes" },
  { name: "v", by: ITEM.values, bytes: "valueBytes" },
  { name: "out", by: ITEM.values, bytes: "valueBytes" },
  { name: "g", by: ITEM.gates, bytes: "gateBytes" },
  { name: "beta", by: ITEM.tokens, bytes: null },
  { name: "dt", by: ITEM.tokens, bytes: null },
] as const;

/** The function that threads run, and the walk over the chunks of an item. */
export function writeWalk({ a }: Site): void {
  functionOf(a, "recurrence", () => {
    a.mov(lane, rdi);
    forEachItem(
      a,
      () => {
        a.mov(rcx, word("queue"));
        return rcx;
      },
      () => oneItem(a),
    );
  });

  /** All tokens that are left, in chunks. */
  subroutine(a, "walk", () => {
    const [next, done] = [a.fresh("next_chunk"), a.fresh("chunks_done")];
    a.label(next);
    a.mov(rax, word("left"));
    a.test(rax, rax);
    a.jumpIf("le", done);
    a.movImmediate(rcx, TOKENS);
    a.cmp(rax, rcx);
    a.cmov("g", rax, rcx);
    a.store(word("count"), rax);
    a.lea(rcx, a.words(Array.from({ length: TOKENS + 1 }, (_, count) => 2 ** count - 1)));
    a.mov32(rcx, at(rcx, 0, rax, 4));
    a.store(word("counted"), rcx);
    a.call("chunk");
    a.mov(r9, word("count"));
    for (const { name, bytes } of TENSORS) {
      if (bytes === null) a.movImmediate(r8, 4);
      else a.mov(r8, word(bytes));
      a.imul(r8, r9);
      a.add(r8, word(`${name}Now`));
      a.store(word(`${name}Now`), r8);
    }
    a.mov(r8, word("keptNow"));
    a.add(r8, word("keptBytes"));
    a.store(word("keptNow"), r8);
    a.mov(rax, word("left"));
    a.sub(rax, r9);
    a.store(word("left"), rax);
    a.jump(next);
    a.label(done);
  });

  /** All tokens of a slice, in segments. */
  subroutine(a, "walk_segments", () => {
    const [next, done] = [a.fresh("next_segment"), a.fresh("segments_done")];
    a.call("open_state");
    a.label(next);
    a.mov(rax, word("rest"));
    a.mov(rcx, word("segmentTokens"));
    a.cmp(rcx, rax);
    a.cmov("g", rcx, rax);
    a.store(word("left"), rcx);
    a.sub(rax, rcx);
    a.store(word("rest"), rax);
    a.call("walk");
    a.mov(rax, word("rest"));
    a.test(rax, rax);
    a.jumpIf("le", done);
    a.call("go_on");
    a.jump(next);
    a.label(done);
  });
}

/** Item rax. */
function oneItem(a: Assembler): void {
  const done = a.fresh("item_done");
  a.imulImmediate(rsi, rax, ITEM_BYTES);
  a.add(rsi, word("items"));
  a.store(word("item"), rsi);
  a.mov(r8, at(rsi, ITEM.kind));
  a.store(word("kind"), r8);
  ifEqual(a, "kind", KIND.join, () => {
    a.call("join_segments");
    a.jump(done);
  });
  pointAtTokens(a);
  a.call("open_gates");
  a.mov(rax, word("writesOut"));
  a.store(word("reads"), rax);
  ifEqual(a, "kind", KIND.slice, () => {
    a.call("walk_segments");
    a.jump(done);
  });
  ifEqual(a, "kind", KIND.segment, () => {
    a.mov(rsi, word("item"));
    a.mov(rsi, at(rsi, ITEM.state));
    a.call("enter_segment");
    a.call("walk");
    a.jump(done);
  });
  a.xor(rax, rax);
  a.store(word("reads"), rax);
  a.store(word("keeps"), rax);
  a.call("open_state");
  a.call("walk");
  a.call("keep_state");
  a.label(done);
}

/** Points at the tensors of the item at rsi, and at the weights of its head, for `open_gates`. */
function pointAtTokens(a: Assembler): void {
  for (const { name, by } of TENSORS) {
    a.mov(r8, word(name));
    a.add(r8, at(rsi, by));
    a.store(word(`${name}Now`), r8);
  }
  a.mov(r8, word("kept"));
  a.store(word("keeps"), r8);
  a.add(r8, at(rsi, ITEM.kept));
  a.store(word("keptNow"), r8);
  a.mov(r8, at(rsi, ITEM.fixedLog));
  a.store(word("logNow"), r8);
  a.mov(r8, at(rsi, ITEM.length));
  a.store(word("left"), r8);
  a.store(word("rest"), r8);
  a.mov(rdx, at(rsi, ITEM.writeWeights));
  a.mov(rsi, at(rsi, ITEM.decayWeights));
}
