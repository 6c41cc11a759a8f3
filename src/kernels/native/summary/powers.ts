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
  rcx,
  rdx,
  rsi,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { exp2 } from "../code/exp2.ts";
import { LANES } from "../code/transpose.ts";

/** What steps on the columns of some rows are given, in bytes. */
export const COLUMNS = {
  from: 0,
  fromRow: 8,
  to: 16,
  toRow: 24,
  rows: 32,
  columns: 40,
  /** A float32 in the lower half, on what is read. */
  scale: 48,
  /** A float for each column: the greatest, which one step writes and the other reads. */
  most: 56,
  /** A float for each column: the sum of powers. */
  sums: 64,
} as const;
export const COLUMNS_BYTES = 72;

const VECTOR = 64;
/** Powers that are summed before they are added to the sum of all: a longer chain of float32 loses digits. */
const CHAIN = 64;
const TAIL = mask(1);
const given = (name: keyof typeof COLUMNS) => at(r12, COLUMNS[name]);

/** most[x] = the greatest of scale·from[i][x] that is no NaN, of the block in r12. */
export function writeMost(a: Assembler): void {
  const [scale, most, now] = [zmm(0), zmm(1), zmm(2)];
  a.vbroadcastss(scale, given("scale"));
  eachVector(a, ({ from, place }) => {
    a.vbroadcastss(most, a.constant(Number.NEGATIVE_INFINITY));
    a.mov(rcx, given("rows"));
    eachRow(a, rcx, () => {
      a.vmovups(now, at(from), { mask: TAIL, zero: true });
      a.vmulps(now, now, scale);
      a.vmaxps(most, now, most);
      a.add(from, given("fromRow"));
    });
    a.mov(rcx, given("most"));
    a.vmovupsStore(at(rcx, 0, place), most, { mask: TAIL });
  });
}

/** to[i][x] = 2^(scale·from[i][x] − most[x]) and sums[x] = Σi to[i][x], of the block in r12. */
export function writePowers(a: Assembler): void {
  const [scale, less, sum, total, x] = [zmm(0), zmm(1), zmm(2), zmm(3), zmm(4)];
  a.vbroadcastss(scale, given("scale"));
  eachVector(a, ({ from, to, place }) => {
    a.mov(rcx, given("most"));
    a.vpxord(less, less, less);
    a.vmovups(x, at(rcx, 0, place), { mask: TAIL, zero: true });
    a.vsubps(less, less, x);
    a.vpxord(total, total, total);
    a.mov(r11, given("rows"));
    const [chain, done] = [a.fresh("powers"), a.fresh("powers_done")];
    a.label(chain);
    a.test(r11, r11);
    a.jumpIf("e", done);
    a.movImmediate(rcx, CHAIN);
    a.cmp(rcx, r11);
    a.cmov("g", rcx, r11);
    a.sub(r11, rcx);
    a.vpxord(sum, sum, sum);
    eachRow(a, rcx, () => {
      a.vmovups(x, at(from), { mask: TAIL, zero: true });
      a.vfmadd213ps(x, scale, less);
      exp2(a, [{ x, fraction: zmm(5), power: zmm(6) }]);
      a.vmovupsStore(at(to), x, { mask: TAIL });
      a.vaddps(sum, sum, x);
      a.add(from, given("fromRow"));
      a.add(to, given("toRow"));
    });
    a.vaddps(total, total, sum);
    a.jump(chain);
    a.label(done);
    a.mov(rcx, given("sums"));
    a.vmovupsStore(at(rcx, 0, place), total, { mask: TAIL });
  });
}

interface Vector {
  /** A row's own columns, which the body may walk down. */
  readonly from: Gpr;
  readonly to: Gpr;
  /** Bytes from the first column to these. */
  readonly place: Gpr;
}

/** Does `body`, which may use rcx and r11, for every 16 columns, of which `TAIL` says which there are. */
function eachVector(a: Assembler, body: (vector: Vector) => void): void {
  const [top, some, done] = [a.fresh("vector"), a.fresh("columns"), a.fresh("vectors_done")];
  const vector = { from: r8, to: r9, place: r10 };
  const left = rdx;
  a.mov(left, given("columns"));
  a.xor(vector.place, vector.place);
  a.label(top);
  a.test(left, left);
  a.jumpIf("le", done);
  a.movImmediate(rax, LANES);
  a.cmp(left, rax);
  a.jumpIf("ge", some);
  a.mov(rax, left);
  a.label(some);
  a.lea(rsi, a.words(Array.from({ length: LANES + 1 }, (_, columns) => 2 ** columns - 1)));
  a.kmovwLoad(TAIL, at(rsi, 0, rax, 4));
  a.mov(vector.from, given("from"));
  a.add(vector.from, vector.place);
  a.mov(vector.to, given("to"));
  a.add(vector.to, vector.place);
  body(vector);
  a.add(vector.place, number(VECTOR));
  a.sub(left, number(LANES));
  a.jump(top);
  a.label(done);
}

/** Does `body` so often as `count`, of at least 1, says. */
function eachRow(a: Assembler, count: Gpr, body: () => void): void {
  const top = a.fresh("row");
  a.align(32);
  a.label(top);
  body();
  a.sub(count, number(1));
  a.jumpIf("ne", top);
}

/** to[i][x] = 2^(scale·from[i][x]) / Σx of the same, by the greatest of each row, of the block in r12. */
export function writeRowShares(a: Assembler): void {
  const [scale, most, sum, x, none] = [zmm(0), zmm(1), zmm(2), SPARE, zmm(7)];
  a.vbroadcastss(scale, given("scale"));
  a.vbroadcastss(none, a.constant(Number.NEGATIVE_INFINITY));
  alongRows(a, (along) => {
    a.vmovups(most, none);
    along(() => {
      a.vmovups(x, at(ROW.from, 0, ROW.place), { mask: TAIL, zero: true });
      a.vmulps(x, x, scale);
      a.vmaxps(most, x, most, { mask: TAIL });
    });
    across(a, most, (one, other) => a.vmaxps(one, one, other));
    a.vpxord(x, x, x);
    a.vsubps(most, x, most);
    a.vpxord(sum, sum, sum);
    along(() => {
      a.vmovups(x, at(ROW.from, 0, ROW.place), { mask: TAIL, zero: true });
      a.vfmadd213ps(x, scale, most);
      exp2(a, [{ x, fraction: zmm(5), power: zmm(6) }]);
      a.vmovupsStore(at(ROW.to, 0, ROW.place), x, { mask: TAIL });
      a.vaddps(sum, sum, x, { mask: TAIL });
    });
    across(a, sum, (one, other) => a.vaddps(one, one, other));
    a.vbroadcastss(x, a.constant(1));
    a.vdivps(sum, x, sum);
    along(() => {
      a.vmulps(x, sum, at(ROW.to, 0, ROW.place), { mask: TAIL, zero: true });
      a.vmovupsStore(at(ROW.to, 0, ROW.place), x, { mask: TAIL });
    });
  });
}

/** to[i] = scale·Σx from[i][x]², of the block in r12. */
export function writeSquares(a: Assembler): void {
  const [scale, sum, x, first] = [zmm(0), zmm(1), SPARE, mask(2)];
  a.vbroadcastss(scale, given("scale"));
  a.movImmediate(rax, 1);
  a.kmovw(first, rax);
  alongRows(a, (along) => {
    a.vpxord(sum, sum, sum);
    along(() => {
      a.vmovups(x, at(ROW.from, 0, ROW.place), { mask: TAIL, zero: true });
      a.vfmadd231ps(sum, x, x);
    });
    across(a, sum, (one, other) => a.vaddps(one, one, other));
    a.vmulps(sum, sum, scale);
    a.vmovupsStore(at(ROW.to), sum, { mask: first });
  });
}

/** Where a row is read and written, and bytes from its first column. */
const ROW = { from: r8, to: r9, place: r10 } as const;
const SPARE = zmm(3);

/** Does `body` for every row; it is given what does something for the vectors of a row, of which `TAIL` says which lanes there are. */
function alongRows(a: Assembler, body: (along: (each: () => void) => void) => void): void {
  const left = rdx;
  a.mov(ROW.from, given("from"));
  a.mov(ROW.to, given("to"));
  a.mov(rcx, given("rows"));
  a.lea(rsi, a.words(Array.from({ length: LANES + 1 }, (_, columns) => 2 ** columns - 1)));
  eachRow(a, rcx, () => {
    body((each) => {
      const top = a.fresh("along");
      a.xor(ROW.place, ROW.place);
      a.mov(left, given("columns"));
      a.label(top);
      a.movImmediate(rax, LANES);
      a.cmp(rax, left);
      a.cmov("g", rax, left);
      a.kmovwLoad(TAIL, at(rsi, 0, rax, 4));
      each();
      a.add(ROW.place, number(VECTOR));
      a.sub(left, number(LANES));
      a.jumpIf("g", top);
    });
    a.add(ROW.from, given("fromRow"));
    a.add(ROW.to, given("toRow"));
  });
}

/** What lanes have together, in all of them. */
function across(a: Assembler, of: Zmm, join: (one: Zmm, other: Zmm) => void): void {
  for (const parts of [0x4e, 0xb1]) {
    a.vshuff32x4(SPARE, of, of, parts);
    join(of, SPARE);
  }
  for (const lanes of [0x4e, 0xb1]) {
    a.vpermilps(SPARE, of, lanes);
    join(of, SPARE);
  }
}
