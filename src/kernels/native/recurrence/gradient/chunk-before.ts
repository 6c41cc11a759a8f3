import { at, type Gpr, number, r9, r10, r11, r12, r13, r14, r15, rax } from "../../assembler/index.ts";
import { VECTOR } from "../layout.ts";
import { word } from "../site.ts";
import { type BackSite, backWord } from "./site.ts";

/** Tensors whose lines are asked for. */
export type Asked = "k" | "q" | "v" | "dout" | "dq" | "dk" | "dv";

const LINES: readonly Gpr[] = [r9, r10, r11, r12, r13, r14, r15];

/** Begins to ask for the 16 tokens before a chunk, which are the next to be gone back over. A register a tensor is taken. */
export function openChunkBefore(site: BackSite, tensors: readonly Asked[]): void {
  const { a } = site;
  for (const [index, name] of tensors.entries()) {
    a.mov(rax, word(name === "v" || name === "dout" || name === "dv" ? "valueBytes" : "keyBytes"));
    a.shl(rax, 4);
    if (name === "k" || name === "q" || name === "v") a.mov(LINES[index], word(`${name}Now`));
    else a.mov(LINES[index], backWord(site, `${name}Now`));
    a.sub(LINES[index], rax);
  }
}

/**
 * Asks for a line of each. In a loop of as many rounds as a row has numbers, those of the whole chunk. Nothing is read, and what lies
 * before the first chunk may be no memory.
 */
export function askForChunkBefore({ a }: BackSite, tensors: readonly Asked[]): void {
  for (const line of LINES.slice(0, tensors.length)) {
    a.prefetcht0(at(line));
    a.add(line, number(VECTOR));
  }
}
