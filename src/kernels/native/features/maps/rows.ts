import { type Assembler, at, type Gpr, type Memory, number, type Zmm, zmm } from "../../assembler/index.ts";
import { FEATURE_ROW, VECTOR, VECTORS } from "../layout.ts";

/** Does `body` as often as `counter` says, at least once. */
export function repeat(a: Assembler, counter: Gpr, body: () => void): void {
  const top = a.fresh("rows");
  a.align(32);
  a.label(top);
  body();
  a.sub(counter, number(1));
  a.jumpIf("g", top);
}

/** The registers of a row of 64 tokens from zmm(`first`) on. */
export function rowOf(first: number): readonly Zmm[] {
  return Array.from({ length: VECTORS }, (_, vector) => zmm(first + vector));
}

/** Each vector of the row at an address. */
export function vectorsAt(base: Gpr, row = 0): readonly Memory[] {
  return Array.from({ length: VECTORS }, (_, vector) => at(base, FEATURE_ROW * row + VECTOR * vector));
}

/** Goes on to the next row. */
export function nextRow(a: Assembler, ...pointers: readonly Gpr[]): void {
  for (const pointer of pointers) a.add(pointer, number(FEATURE_ROW));
}
