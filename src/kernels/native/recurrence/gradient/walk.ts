import { at, number, r8, r9, rax, rcx, rdi, rdx, rsi, zmm } from "../../assembler/index.ts";
import { forEachItem, functionOf } from "../../code/frame.ts";
import { ITEM, ITEM_BYTES, KIND, TOKENS, VECTOR } from "../layout.ts";
import { ifEqual, ifSet, lane, subroutine, word } from "../site.ts";
import type { BackWordName } from "./layout.ts";
import { type BackSite, backWord } from "./site.ts";

/** What the forward pass knows of, how far an item's tokens are from the first, and bytes of one. */
const GIVEN = [
  { name: "q", by: ITEM.rows, bytes: "keyBytes" },
  { name: "k", by: ITEM.rows, bytes: "keyBytes" },
  { name: "v", by: ITEM.values, bytes: "valueBytes" },
  { name: "g", by: ITEM.gates, bytes: "gateBytes" },
  { name: "beta", by: ITEM.tokens, bytes: null },
  { name: "dt", by: ITEM.tokens, bytes: null },
] as const;

/** What a backward pass has besides. */
const GRADIENTS = [
  { name: "dout", by: ITEM.values, bytes: "valueBytes" },
  { name: "dq", by: ITEM.rows, bytes: "keyBytes" },
  { name: "dk", by: ITEM.rows, bytes: "keyBytes" },
  { name: "dv", by: ITEM.values, bytes: "valueBytes" },
  { name: "dg", by: ITEM.gates, bytes: "gateBytes" },
  { name: "dbeta", by: ITEM.tokens, bytes: null },
  { name: "ddt", by: ITEM.tokens, bytes: null },
] as const satisfies readonly { readonly name: BackWordName; by: number; bytes: string | null }[];

/** The function that threads run, and the walk over the chunks of an item, from the last. */
export function writeWalkBack(site: BackSite): void {
  const { a } = site;
  functionOf(a, "recurrence_back", () => {
    a.mov(lane, rdi);
    forEachItem(
      a,
      () => {
        a.mov(rcx, word("queue"));
        return rcx;
      },
      oneItem,
    );
  });

  /** All tokens of a segment that are left, from its first token on, in chunks. */
  subroutine(a, "walk_back", () => {
    const [next, done] = [a.fresh("next_chunk"), a.fresh("chunks_done")];
    a.label(next);
    a.mov(rax, word("left"));
    a.test(rax, rax);
    a.jumpIf("le", done);
    a.lea(rcx, at(rax, -1));
    a.and(rcx, number(TOKENS - 1));
    a.add(rcx, number(1));
    a.store(word("count"), rcx);
    a.sub(rax, rcx);
    a.store(word("left"), rax);
    a.lea(rdx, a.words(Array.from({ length: TOKENS + 1 }, (_, count) => 2 ** count - 1)));
    a.mov32(rcx, at(rdx, 0, rcx, 4));
    a.store(word("counted"), rcx);
    pointAtChunk();
    ifSet(
      a,
      "reads",
      () => a.call("chunk_back"),
      () => a.call("chunk_back_alone"),
    );
    a.jump(next);
    a.label(done);
  });

  /** All tokens of a slice, in segments, from the last. */
  subroutine(a, "walk_segments_back", () => {
    const [next, done, whole] = ["next_segment", "segments_done", "whole_segment"].map((name) =>
      a.fresh(name),
    );
    a.call("open_state");
    a.mov(rax, word("rest"));
    a.mov(rcx, word("segmentTokens"));
    a.mov(rdx, backWord(site, "segmentStart"));
    a.label(whole);
    a.add(rdx, rcx);
    a.cmp(rdx, rax);
    a.jumpIf("l", whole);
    a.sub(rdx, rcx);
    a.label(next);
    a.store(backWord(site, "segmentStart"), rdx);
    a.mov(rax, word("rest"));
    a.sub(rax, rdx);
    a.store(word("left"), rax);
    a.store(word("rest"), rdx);
    a.call("clear_sums_back");
    a.call("walk_back");
    a.mov(rdx, backWord(site, "segmentStart"));
    a.test(rdx, rdx);
    a.jumpIf("le", done);
    a.call("go_on");
    a.mov(rax, backWord(site, "sumsNow"));
    a.sub(rax, backWord(site, "sumBytes"));
    a.store(backWord(site, "sumsNow"), rax);
    a.mov(rdx, backWord(site, "segmentStart"));
    a.sub(rdx, word("segmentTokens"));
    a.jump(next);
    a.label(done);
  });

  /** Nothing is added up yet of what weights get of a segment. */
  subroutine(a, "clear_sums_back", () => {
    const [next, done] = [a.fresh("sums"), a.fresh("sums_cleared")];
    a.mov(rdi, backWord(site, "sumsNow"));
    a.mov(rcx, backWord(site, "sumBytes"));
    a.vpxord(zmm(0), zmm(0), zmm(0));
    a.label(next);
    a.sub(rcx, number(VECTOR));
    a.jumpIf("l", done);
    a.vmovupsStore(at(rdi), zmm(0));
    a.add(rdi, number(VECTOR));
    a.jump(next);
    a.label(done);
  });

  /** Item rax. */
  function oneItem(): void {
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
    a.mov(r8, at(rsi, ITEM.length));
    a.store(word("left"), r8);
    a.store(word("rest"), r8);
    a.mov(r8, at(rsi, ITEM.fixedLog));
    a.store(word("logNow"), r8);
    a.mov(r8, at(rsi, ITEM.sums));
    a.store(backWord(site, "sumsNow"), r8);
    a.xor(r8, r8);
    a.store(backWord(site, "segmentStart"), r8);
    a.movImmediate(r8, 1);
    a.store(word("reads"), r8);
    a.mov(rdx, at(rsi, ITEM.writeWeights));
    a.mov(rsi, at(rsi, ITEM.decayWeights));
    a.call("open_gates");
    ifEqual(a, "kind", KIND.slice, () => {
      a.call("walk_segments_back");
      a.jump(done);
    });
    ifEqual(a, "kind", KIND.segment, () => {
      a.mov(rsi, word("item"));
      a.mov(rsi, at(rsi, ITEM.state));
      a.call("enter_segment");
      a.call("clear_sums_back");
      a.call("walk_back");
      a.jump(done);
    });
    a.xor(rax, rax);
    a.store(word("reads"), rax);
    a.call("open_state");
    a.call("walk_back");
    a.call("keep_state");
    a.label(done);
  }

  /** Points at all tensors of the chunk that begins at token `left` of the segment. */
  function pointAtChunk(): void {
    a.mov(rsi, word("item"));
    a.mov(r9, word("left"));
    a.add(r9, backWord(site, "segmentStart"));
    const find = (by: number, bytes: (typeof GIVEN)[number]["bytes"]): void => {
      if (bytes === null) a.movImmediate(r8, 4);
      else a.mov(r8, word(bytes));
      a.imul(r8, r9);
      a.add(r8, at(rsi, by));
    };
    for (const { name, by, bytes } of GIVEN) {
      find(by, bytes);
      a.add(r8, word(name));
      a.store(word(`${name}Now`), r8);
    }
    for (const { name, by, bytes } of GRADIENTS) {
      find(by, bytes);
      a.add(r8, backWord(site, name));
      a.store(backWord(site, `${name}Now`), r8);
    }
    a.shr(r9, 4);
    a.imul(r9, word("keptBytes"));
    a.add(r9, at(rsi, ITEM.kept));
    a.add(r9, word("kept"));
    a.store(word("keptNow"), r9);
  }
}
