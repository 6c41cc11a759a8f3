import {
  type Assembler,
  at,
  type Gpr,
  mask,
  number,
  r8,
  r9,
  r10,
  r12,
  r15,
  rax,
  rbp,
  rbx,
  rdi,
  rdx,
  rsi,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { VECTOR } from "../code/transpose.ts";
import { askAhead, howFarAhead } from "./ask-ahead.ts";
import { byVectors } from "./by-vectors.ts";
import { CALL, READER, READER_BYTES } from "./layout.ts";

/** Sums that are under way at once: of as many values in turn as that leaves, so that no sum waits for its last term. */
const SUMS = 16;

/** Lanes of the last columns of values. */
export const VALUE_TAIL = mask(2);

/**
 * A subroutine: adds to the output of the reader at r12 the values of a block, weighed. Whole vectors of keys are read: what is
 * behind the last one has weight 0 and a row of zeros.  Leaves rbp, rbx and r12 to r15.
 */
export function addValues(a: Assembler, label: string): void {
  const [row, weight, left] = [rsi, rdi, r15];
  a.label(label);
  a.lea(row, at(rbp, CALL.valueList));
  a.mov(weight, at(r12, READER.weights));
  a.mov(left, at(rbp, CALL.padded));
  howFarAhead(a, r10, rbx);
  a.mov(rax, at(rbp, CALL.valueVectors));
  byVectors(a, rax, (vectors) => {
    const together = 2 ** Math.floor(Math.log2(SUMS / vectors));
    const sum = (key: number, vector: number): Zmm => zmm(key * vectors + vector);
    for (let index = 0; index < together * vectors; index++) a.vpxord(zmm(index), zmm(index), zmm(index));
    const top = a.fresh("values");
    a.align(32);
    a.label(top);
    askAhead(a, { rows: "keys", list: row, keys: together, vectors, ahead: r10 });
    for (let key = 0; key < together; key++) {
      const from = [rax, rdx, r8, r9][key % 4];
      const factor = zmm(SUMS + key);
      a.mov(from, at(row, 8 * key));
      a.vbroadcastss(factor, at(weight, 4 * key));
      for (let vector = 0; vector < vectors; vector++) {
        const lanes = vector === vectors - 1 ? { mask: VALUE_TAIL } : undefined;
        a.vfmadd231ps(sum(key, vector), factor, at(from, VECTOR * vector), lanes);
      }
    }
    a.add(row, number(8 * together));
    a.add(weight, number(4 * together));
    a.sub(left, number(together));
    a.jumpIf("g", top);
    for (let distance = together / 2; distance >= 1; distance /= 2) {
      for (let key = 0; key < distance; key++) {
        for (let vector = 0; vector < vectors; vector++)
          a.vaddps(sum(key, vector), sum(key, vector), sum(key + distance, vector));
      }
    }
    a.mov(rax, at(r12, READER.output));
    for (let vector = 0; vector < vectors; vector++) {
      const output = at(rax, VECTOR * vector);
      a.vaddps(sum(0, vector), sum(0, vector), output);
      a.vmovupsStore(output, sum(0, vector));
    }
  });
  a.ret();
}

/** Does `body` for every reader, with its state at r12. */
export function eachReader(a: Assembler, counter: Gpr, body: () => void): void {
  const top = a.fresh("reader");
  a.mov(r12, at(rbp, CALL.state));
  a.mov(counter, at(rbp, CALL.readers));
  a.label(top);
  body();
  a.add(r12, number(READER_BYTES));
  a.sub(counter, number(1));
  a.jumpIf("ne", top);
}
