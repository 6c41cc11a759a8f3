import { type Assembler, at, type Gpr, rax, rbp } from "../assembler/index.ts";
import { VECTOR } from "../code/transpose.ts";
import { CALL } from "./layout.ts";

/** Rows that are asked for: of the keys in a list at a register, `vectors` wide. */
interface Asked {
  readonly rows: "keys" | "values";
  readonly list: Gpr;
  readonly keys: number;
  readonly vectors: number;
  /** Holds `CALL.ahead`. */
  readonly ahead: Gpr;
}

/**
 * Asks for rows before they are needed, so that memory is busy all the time: while keys are multiplied their values,
 * while values are summed the keys that lie a block further on; for nothing if `CALL.ahead` is 0. An address that is
 * nobody's is no error. Uses rax.
 */
export function askAhead(a: Assembler, { rows, list, keys, vectors, ahead }: Asked): void {
  const near = a.fresh("near");
  const toValues = CALL.valueList - CALL.keyList;
  a.test(ahead, ahead);
  a.jumpIf("e", near);
  for (let key = 0; key < keys; key++) {
    a.mov(rax, at(list, (rows === "values" ? toValues : -toValues) + 8 * key));
    const further = rows === "values" ? null : ahead;
    for (let vector = 0; vector < vectors; vector++) a.prefetcht0(at(rax, VECTOR * vector, further));
  }
  a.label(near);
}

/** `ahead` = `CALL.ahead` for the first of the readers that `counter` counts down, to whom keys and values are new; 0 for others. Uses rax. */
export function howFarAhead(a: Assembler, ahead: Gpr, counter: Gpr): void {
  a.mov(ahead, at(rbp, CALL.ahead));
  a.xor(rax, rax);
  a.cmp(counter, at(rbp, CALL.readers));
  a.cmov("ne", ahead, rax);
}
