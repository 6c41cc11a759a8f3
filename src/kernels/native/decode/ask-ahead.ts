import {
  type Assembler,
  at,
  type Gpr,
  number,
  r9,
  r11,
  r14,
  rax,
  rbp,
  rcx,
  rdx,
} from "../assembler/index.ts";
import { CALL } from "./layout.ts";

/** Bytes that come from memory at once. */
const LINE = 64;
const SUBROUTINE = "ask_for_rows";

const [row, last, further, list, left, end] = [rax, rcx, rdx, r14, r11, r9];

/**
 * Rows that are asked for before they are needed, so that memory is busy all the time: while keys are multiplied
 * their values, while values are summed the keys that lie a block further on. `keys` of those in the list at a
 * register; nothing if `ahead`, which holds `CALL.ahead`, is 0. Uses rax, rcx, rdx, r11 and r14.
 */
export function askAhead(
  a: Assembler,
  { rows, at: from, keys, ahead }: { rows: "keys" | "values"; at: Gpr; keys: number; ahead: Gpr },
): void {
  const near = a.fresh("near");
  a.test(ahead, ahead);
  a.jumpIf("e", near);
  const toOther = CALL.valueList - CALL.keyList;
  a.lea(list, at(from, rows === "values" ? toOther : -toOther));
  a.movImmediate(left, keys);
  a.mov(last, at(rbp, rows === "values" ? CALL.valueLast : CALL.keyLast));
  if (rows === "values") a.xor(further, further);
  else a.mov(further, ahead);
  a.call(SUBROUTINE);
  a.label(near);
}

/** `ahead` = `CALL.ahead` for the first of the readers that `counter` counts down, to whom keys and values are new; 0 for others. */
export function howFarAhead(a: Assembler, ahead: Gpr, counter: Gpr): void {
  a.mov(ahead, at(rbp, CALL.ahead));
  a.xor(rax, rax);
  a.cmp(counter, at(rbp, CALL.readers));
  a.cmov("ne", ahead, rax);
}

/** Places what `askAhead` calls. An address that is nobody's is no error. */
export function writeAskAhead(a: Assembler): void {
  const [next, lines] = [a.fresh("ask_row"), a.fresh("ask_line")];
  a.label(SUBROUTINE);
  a.push(end);
  a.label(next);
  a.mov(row, at(list));
  a.add(row, further);
  a.lea(end, at(row, 0, last));
  a.label(lines);
  a.prefetcht0(at(row));
  a.add(row, number(LINE));
  a.cmp(row, end);
  a.jumpIf("le", lines);
  a.add(list, number(8));
  a.sub(left, number(1));
  a.jumpIf("ne", next);
  a.pop(end);
  a.ret();
}
