import {
  type Assembler,
  at,
  mask,
  number,
  r8,
  r9,
  r10,
  r12,
  rax,
  rcx,
  rdx,
  rsi,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { exp2 } from "../code/exp2.ts";
import { LANES, VECTOR } from "../code/transpose.ts";

import { COLUMNS, eachRow } from "./powers.ts";

const TAIL = mask(1);
const given = (name: keyof typeof COLUMNS) => at(r12, COLUMNS[name]);

/** Vectors of a row that stay in registers. */
const HELD_VECTORS = 4;

/** to[i][x] = 2^(scale·from[i][x]) / Σx of the same, by the greatest of each row, of the block in r12. */
export function writeRowShares(a: Assembler): void {
  const done = a.fresh("shares_done");
  a.vbroadcastss(SCALE, given("scale"));
  a.vbroadcastss(NONE, a.constant(Number.NEGATIVE_INFINITY));
  for (let vectors = 1; vectors <= HELD_VECTORS; vectors++) {
    const wider = a.fresh("wider_shares");
    a.mov(rdx, given("columns"));
    a.cmp(rdx, number(LANES * vectors));
    a.jumpIf("g", wider);
    writeHeldShares(a, vectors);
    a.jump(done);
    a.label(wider);
  }
  writeWideShares(a);
  a.label(done);
}

/** Rows of so many vectors, the last of them with the columns that are left. */
function writeHeldShares(a: Assembler, vectors: number): void {
  const held = Array.from({ length: vectors }, (_, vector) => ({
    place: VECTOR * vector,
    masking: vector === vectors - 1 ? { mask: TAIL } : undefined,
    ...{ x: zmm(8 + vector), fraction: zmm(12 + vector), power: zmm(16 + vector) },
  }));
  a.sub(rdx, number(LANES * (vectors - 1)));
  a.lea(rsi, a.words(Array.from({ length: LANES + 1 }, (_, columns) => 2 ** columns - 1)));
  a.kmovwLoad(TAIL, at(rsi, 0, rdx, 4));
  a.mov(ROW.from, given("from"));
  a.mov(ROW.to, given("to"));
  a.mov(rcx, given("rows"));
  eachRow(a, rcx, () => {
    a.vmovups(MOST, NONE);
    for (const { x, place, masking } of held) {
      // Lanes that are no columns weigh nothing.
      if (masking !== undefined) a.vmovups(x, NONE);
      a.vmulps(x, SCALE, at(ROW.from, place), masking);
      a.vmaxps(MOST, x, MOST);
    }
    across(a, MOST, (one, other) => a.vmaxps(one, one, other));
    for (const { x } of held) a.vsubps(x, x, MOST);
    exp2(a, held);
    a.vmovups(SUM, held[0].x);
    for (const { x } of held.slice(1)) a.vaddps(SUM, SUM, x);
    across(a, SUM, (one, other) => a.vaddps(one, one, other));
    a.vbroadcastss(SPARE, a.constant(1));
    a.vdivps(SUM, SPARE, SUM);
    for (const { x, place, masking } of held) {
      a.vmulps(x, x, SUM);
      a.vmovupsStore(at(ROW.to, place), x, masking);
    }
    a.add(ROW.from, given("fromRow"));
    a.add(ROW.to, given("toRow"));
  });
}

/** Rows of any width, each of them read three times. */
function writeWideShares(a: Assembler): void {
  const [scale, most, sum, x, none] = [SCALE, MOST, SUM, SPARE, NONE];
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
const [SCALE, MOST, SUM, NONE] = [zmm(0), zmm(1), zmm(2), zmm(7)];

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
