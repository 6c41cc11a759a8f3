import {
  type Assembler,
  at,
  type Gpr,
  mask,
  number,
  r8,
  r9,
  r10,
  r11,
  r12,
  rax,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { LANES } from "../code/transpose.ts";
import { CALL, READER, READER_BYTES } from "./layout.ts";

const VECTOR = 4 * LANES;
/** Sums that are under way at once, of so many vectors of columns each, as many keys in turn as that leaves. */
const SUMS = 16;
const WIDTHS = [8, 4, 2, 1] as const;

/** Lanes of the last columns of values. */
export const VALUE_TAIL = mask(2);
/** Lanes of the last vector of the columns that are summed. */
const LAST = mask(5);

/**
 * Adds to the outputs of all readers the values of a block, weighed: as many columns at a time as there are sums for,
 * and of those all readers, while the values are near. Whole vectors of keys are read: what is behind the last one has
 * weight 0 and a row of zeros. Leaves rbp.
 */
export function addValues(a: Assembler): void {
  const [column, left] = [rcx, rdx];
  const [group, done] = [a.fresh("columns"), a.fresh("values_added")];
  a.xor(column, column);
  a.mov(left, at(rbp, CALL.valueLast));
  a.shr(left, 6);
  a.add(left, number(1));
  a.label(group);
  const widths = WIDTHS.map((width) => ({ width, label: a.fresh(`columns_${width}`) }));
  for (const { width, label } of widths) {
    a.cmp(left, number(width));
    a.jumpIf("ge", label);
  }
  a.jump(done);
  for (const { width, label } of widths) {
    a.label(label);
    const whole = a.fresh("whole");
    a.kxnorw(LAST, LAST, LAST);
    a.sub(left, number(width));
    a.jumpIf("ne", whole);
    a.kandw(LAST, VALUE_TAIL, VALUE_TAIL);
    a.label(whole);
    eachReader(a, rbx, () => sumColumns(a, column, width));
    a.add(column, number(VECTOR * width));
    a.jump(group);
  }
  a.label(done);
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

/** `width` vectors of columns for the reader at r12. */
function sumColumns(a: Assembler, column: Gpr, width: number): void {
  const keys = SUMS / width;
  const [row, weight, left] = [rsi, rdi, r11];
  const sum = (key: number, vector: number): Zmm => zmm(key * width + vector);
  const top = a.fresh("values");
  for (let index = 0; index < SUMS; index++) a.vpxord(zmm(index), zmm(index), zmm(index));
  a.lea(row, at(rbp, CALL.valueList));
  a.mov(weight, at(r12, READER.weights));
  // Whole vectors of keys.
  a.mov(left, at(rbp, CALL.keys));
  a.align(32);
  a.label(top);
  const addresses = [rax, r8, r9, r10];
  for (let key = 0; key < keys; key++) {
    const from = addresses[key % addresses.length];
    const factor = zmm(SUMS + key);
    a.mov(from, at(row, 8 * key));
    a.vbroadcastss(factor, at(weight, 4 * key));
    for (let vector = 0; vector < width; vector++) {
      const last = vector === width - 1 ? { mask: LAST } : undefined;
      a.vfmadd231ps(sum(key, vector), factor, at(from, VECTOR * vector, column), last);
    }
  }
  a.add(row, number(8 * keys));
  a.add(weight, number(4 * keys));
  a.sub(left, number(keys));
  a.jumpIf("g", top);
  for (let distance = keys / 2; distance >= 1; distance /= 2) {
    for (let key = 0; key < distance; key++) {
      for (let vector = 0; vector < width; vector++) {
        a.vaddps(sum(key, vector), sum(key, vector), sum(key + distance, vector));
      }
    }
  }
  a.mov(rax, at(r12, READER.output));
  for (let vector = 0; vector < width; vector++) {
    const output = at(rax, VECTOR * vector, column);
    a.vaddps(sum(0, vector), sum(0, vector), output);
    a.vmovupsStore(output, sum(0, vector));
  }
}
