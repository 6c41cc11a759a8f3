import { type Assembler, at, type Gpr, type Memory, number, rax, rbp } from "../assembler/index.ts";
import { type Places, WORD } from "./layout.ts";

/** Where code is written, and where what it computes with lies. */
export interface Site {
  readonly a: Assembler;
  readonly places: Places;
}

/** The lane of the thread, which all code here keeps. */
export const lane: Gpr = rbp;

/** A word of the lane. */
export function word(name: keyof typeof WORD): Memory {
  return at(lane, WORD[name]);
}

/** A place of the lane, `bytes` further. */
export function placed(place: number, bytes = 0): Memory {
  return at(lane, place + bytes);
}

/** Does `body` if a word is not 0. */
export function ifSet(a: Assembler, name: keyof typeof WORD, body: () => void, otherwise?: () => void): void {
  const other = a.fresh("not_set");
  a.mov(rax, word(name));
  a.test(rax, rax);
  a.jumpIf("e", other);
  body();
  if (otherwise === undefined) {
    a.label(other);
    return;
  }
  const end = a.fresh("set");
  a.jump(end);
  a.label(other);
  otherwise();
  a.label(end);
}

/** Does `body` if a word has this value. */
export function ifEqual(a: Assembler, name: keyof typeof WORD, value: number, body: () => void): void {
  const other = a.fresh("not_equal");
  a.mov(rax, word(name));
  a.cmp(rax, number(value));
  a.jumpIf("ne", other);
  body();
  a.label(other);
}

/** A subroutine. */
export function subroutine(a: Assembler, name: string, body: () => void): void {
  a.align(32);
  a.label(name);
  body();
  a.ret();
}
