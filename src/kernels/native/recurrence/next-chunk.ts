import { at, number, r12, r13, r14, r15, rax } from "../assembler/index.ts";
import { VECTOR } from "./layout.ts";
import { type Site, word } from "./site.ts";

/** Where the lines of the next chunk are asked for next. */
const TENSORS = [
  { at: r12, now: "kNow", bytes: "keyBytes" },
  { at: r13, now: "qNow", bytes: "keyBytes" },
  { at: r14, now: "vNow", bytes: "valueBytes" },
  { at: r15, now: "outNow", bytes: "valueBytes" },
] as const;

/** Begins to ask for the tokens after a chunk's 16. Four registers are taken until all are asked for. */
export function openNextChunk({ a }: Site): void {
  for (const { at: to, now, bytes } of TENSORS) {
    a.mov(rax, word(bytes));
    a.shl(rax, 4);
    a.mov(to, word(now));
    a.add(to, rax);
  }
}

/**
 * Asks for a line of each tensor. In a loop of as many rounds as there are channels, those of the whole chunk: asked for at
 * once they would be waited for. Nothing is read, and what lies behind the last chunk may be no memory.
 */
export function askForNextChunk({ a }: Site): void {
  for (const { at: line } of TENSORS) {
    a.prefetcht0(at(line));
    a.add(line, number(VECTOR));
  }
}
