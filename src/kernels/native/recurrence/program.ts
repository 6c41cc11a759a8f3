import { type Assembler, at, r8, r9, rax, rcx, rdi, rdx, rsi } from "../assembler/index.ts";
import { Program } from "../call/program.ts";
import { forEachItem, functionOf } from "../code/frame.ts";
import { writeProduct } from "../products/product.ts";
import { writeChannelDecays, writeRunning } from "./channel-decays.ts";
import { writeChunk } from "./chunk.ts";
import { type Places, placesOf, SLICE, SLICE_BYTES, TOKENS } from "./layout.ts";
import { writeOpenGates } from "./open-gates.ts";
import { writeChannelPairs, writeTokenPairs } from "./pairs.ts";
import { writeRows, writeTurnWeights } from "./rows.ts";
import { lane, type Site, subroutine, word } from "./site.ts";
import { writeStates } from "./state.ts";
import { writeTakeIn } from "./take-in.ts";
import { writeTokenGates } from "./token-gates.ts";
import { writeTriangles } from "./triangle.ts";

/** Code for rows of up to so many floats, and where its lanes have what. */
export interface Recurrences {
  readonly program: Program;
  readonly places: Places;
  readonly widest: number;
}

/** Narrow rows lie close together: what a chunk writes then stays near the core. */
const ALL: readonly Recurrences[] = [64, 128, 256].map((widest) => {
  const places = placesOf(widest);
  return { widest, places, program: new Program(`recurrence-${widest}`, (a) => write({ a, places })) };
});

export const RECURRENCE_PROGRAMS = ALL.map(({ program }) => program);

/** The narrowest that has room for such rows. */
export function recurrencesFor(width: number): Recurrences {
  const found = ALL.find(({ widest }) => width <= widest);
  if (found === undefined) throw new RangeError(`recurrences of rows of ${width} floats are not computed`);
  return found;
}

function write(site: Site): void {
  const { a } = site;
  functionOf(a, "recurrence", () => {
    a.mov(lane, rdi);
    forEachItem(
      a,
      () => {
        a.mov(rcx, word("queue"));
        return rcx;
      },
      () => {
        pointAtSlice(a);
        a.call("open_gates");
        a.call("clear_state");
        a.call("walk");
      },
    );
  });
  writeWalk(a);
  for (const part of [
    writeChunk,
    writeOpenGates,
    writeRows,
    writeTurnWeights,
    writeChannelDecays,
    writeRunning,
    writeTokenGates,
    writeChannelPairs,
    writeTokenPairs,
    writeTriangles,
    writeStates,
    writeTakeIn,
  ]) {
    part(site);
  }
  writeProduct(a);
}

/** Points at the tensors of slice rax. */
function pointAtSlice(a: Assembler): void {
  a.imulImmediate(rsi, rax, SLICE_BYTES);
  a.add(rsi, word("slices"));
  const point = (name: "q" | "k" | "v" | "out" | "g" | "beta" | "dt", by: number): void => {
    a.mov(r8, word(name));
    a.add(r8, at(rsi, by));
    a.store(word(`${name}Now`), r8);
  };
  point("q", SLICE.rows);
  point("k", SLICE.rows);
  point("v", SLICE.values);
  point("out", SLICE.values);
  point("g", SLICE.gates);
  point("beta", SLICE.tokens);
  point("dt", SLICE.tokens);
  a.mov(r8, at(rsi, SLICE.fixedLog));
  a.store(word("logNow"), r8);
  a.mov(r8, word("length"));
  a.store(word("left"), r8);
  // Weights of its head, for `open_gates`.
  a.mov(rdx, at(rsi, SLICE.writeWeights));
  a.mov(rsi, at(rsi, SLICE.decayWeights));
}

/** A subroutine: all tokens that are left, in chunks. */
function writeWalk(a: Assembler): void {
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
    const go = (
      name: "qNow" | "kNow" | "vNow" | "outNow" | "gNow" | "betaNow" | "dtNow",
      by: () => void,
    ): void => {
      by();
      a.imul(r8, r9);
      a.add(r8, word(name));
      a.store(word(name), r8);
    };
    go("qNow", () => a.mov(r8, word("keyBytes")));
    go("kNow", () => a.mov(r8, word("keyBytes")));
    go("vNow", () => a.mov(r8, word("valueBytes")));
    go("outNow", () => a.mov(r8, word("valueBytes")));
    go("gNow", () => a.mov(r8, word("gateBytes")));
    go("betaNow", () => a.movImmediate(r8, 4));
    go("dtNow", () => a.movImmediate(r8, 4));
    a.mov(rax, word("left"));
    a.sub(rax, r9);
    a.store(word("left"), rax);
    a.jump(next);
    a.label(done);
  });
}
