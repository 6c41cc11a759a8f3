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
  zmm,
} from "../assembler/index.ts";
import { exp2 } from "../code/exp2.ts";
import { LANES, VECTOR } from "../code/transpose.ts";

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
export function eachRow(a: Assembler, count: Gpr, body: () => void): void {
  const top = a.fresh("row");
  a.align(32);
  a.label(top);
  body();
  a.sub(count, number(1));
  a.jumpIf("ne", top);
}
