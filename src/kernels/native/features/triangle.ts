import {
  type Assembler,
  at,
  CLASS,
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
  zmm,
} from "../assembler/index.ts";
import { CHUNK, FEATURE_ROW, LANES, VECTOR } from "./layout.ts";
import { repeat } from "./maps/rows.ts";
import { firstLanes } from "./masks.ts";
import { ADDS, BY_TOKEN, call, lane, product, REPLACES } from "./words.ts";

const LATER = mask(1);
const UNUSUAL = mask(2);
const ANY = mask(3);
const COLUMNS = mask(4);
const ROW = number(FEATURE_ROW);

/** The chunk's scores `[keys, queries]`: φ(K)·φ(Q)ᵀ from the diagonal on, 16 keys at a time, and 0 for queries before the key. */
export function scoreTriangle(a: Assembler): void {
  everyBlock(a, (from) => {
    const [keys, queries] = [r8, r9];
    remaining(a, keys, from, LANES);
    remaining(a, queries, from, CHUNK);
    const place = 4 * from;
    product(
      a,
      {
        ...{ a: lane("keys"), ...BY_TOKEN, rows: keys, inner: call("features") },
        ...{ b: lane("queries"), bRow: ROW, columns: queries },
        ...{ c: lane("scores"), cRow: ROW, ...REPLACES },
      },
      { a: place, b: place, c: FEATURE_ROW * from + place },
    );
    a.mov(r8, lane("scores"));
    for (let key = 1; key < LANES; key++) {
      const row = at(r8, FEATURE_ROW * (from + key) + place);
      a.movImmediate(rax, (0xffff << key) & 0xffff);
      a.kmovw(LATER, rax);
      a.vmovups(zmm(0), row, { mask: LATER, zero: true });
      a.vmovupsStore(row, zmm(0));
    }
  });
}

/** Adds to the queries' divisors and sums what their own chunk's keys give, up to each query's own. */
export function addTriangle(a: Assembler): void {
  const singly = a.fresh("values_singly");
  const done = a.fresh("values_added");
  everyBlock(a, (from) => addScores(a, from));
  anyUnusual(a);
  a.jumpIf("ne", singly);
  everyBlock(a, (from) => {
    const [rows, keys] = [r8, r9];
    remaining(a, rows, from, LANES);
    a.lea(keys, at(rows, from));
    a.mov(r10, call("valueRow"));
    a.imulImmediate(r10, r10, from);
    a.add(r10, lane("out"));
    addValues(a, { rows, keys, out: r10 }, 4 * from);
  });
  a.jump(done);
  a.label(singly);
  valuesSingly(a);
  a.label(done);
}

/** The sums of 16 queries' scores, to their divisors. */
function addScores(a: Assembler, from: number): void {
  const place = 4 * from;
  remaining(a, rcx, from, LANES);
  if (from > 0) a.add(rcx, number(from));
  a.mov(r8, lane("scores"));
  a.mov(r9, lane("divisors"));
  a.vpxord(zmm(0), zmm(0), zmm(0));
  repeat(a, rcx, () => {
    a.vaddps(zmm(0), zmm(0), at(r8, place));
    a.add(r8, ROW);
  });
  a.vaddps(zmm(0), zmm(0), at(r9, place));
  a.vmovupsStore(at(r9, place), zmm(0));
}

/** out += scores·V for some queries, whose scores begin `place` bytes into each row. */
function addValues(
  a: Assembler,
  {
    rows,
    keys,
    out,
  }: { readonly rows: Gpr | ReturnType<typeof number>; readonly keys: Gpr; readonly out: Gpr },
  place: number,
): void {
  product(
    a,
    {
      ...{ a: lane("scores"), ...BY_TOKEN, rows, inner: keys },
      ...{ b: lane("v"), bRow: call("valueRow"), columns: call("columns") },
      ...{ c: out, cRow: call("valueRow"), ...ADDS },
    },
    { a: place },
  );
}

/** Query by query, with no key after it: 0 times a value that is not finite would be NaN. */
function valuesSingly(a: Assembler): void {
  const next = a.fresh("single_query");
  a.xor(r12, r12);
  a.label(next);
  a.lea(r9, at(r12, 1));
  a.mov(r10, call("valueRow"));
  a.imul(r10, r12);
  a.add(r10, lane("out"));
  a.lea(r11, at(r12));
  a.shl(r11, 2);
  a.add(r11, lane("scores"));
  product(a, {
    ...{ a: r11, ...BY_TOKEN, rows: number(1), inner: r9 },
    ...{ b: lane("v"), bRow: call("valueRow"), columns: call("columns") },
    ...{ c: r10, cRow: call("valueRow"), ...ADDS },
  });
  a.add(r12, number(1));
  a.cmp(r12, lane("count"));
  a.jumpIf("l", next);
}

/** Whether any value of the chunk is not finite: `ne` if so. */
function anyUnusual(a: Assembler): void {
  a.kxnorw(ANY, ANY, ANY);
  a.knotw(ANY, ANY);
  a.mov(rdx, lane("count"));
  a.mov(r8, lane("v"));
  repeat(a, rdx, () => {
    const row = a.fresh("finite_row");
    const tail = a.fresh("finite_tail");
    a.mov(r9, r8);
    a.mov(r10, call("columns"));
    a.label(row);
    a.cmp(r10, number(LANES));
    a.jumpIf("l", tail);
    a.vmovups(zmm(0), at(r9));
    a.vfpclassps(UNUSUAL, zmm(0), NOT_FINITE);
    a.korw(ANY, ANY, UNUSUAL);
    a.add(r9, number(VECTOR));
    a.sub(r10, number(LANES));
    a.jump(row);
    a.label(tail);
    firstLanes(a, COLUMNS, r10);
    a.vmovups(zmm(0), at(r9), { mask: COLUMNS, zero: true });
    a.vfpclassps(UNUSUAL, zmm(0), NOT_FINITE);
    a.korw(ANY, ANY, UNUSUAL);
    a.add(r8, call("valueRow"));
  });
  a.kortestw(ANY, ANY);
}

const NOT_FINITE = CLASS.notANumber | CLASS.infinite;

/** Does `body` for each 16 of a chunk's tokens, as far as there are any. */
function everyBlock(a: Assembler, body: (from: number) => void): void {
  const done = a.fresh("blocks_done");
  for (let from = 0; from < CHUNK; from += LANES) {
    a.mov(rax, lane("count"));
    a.cmp(rax, number(from));
    a.jumpIf("le", done);
    body(from);
  }
  a.label(done);
}

/** How many of a chunk's tokens there are from `from` on, at most `most`. Uses rax. */
function remaining(a: Assembler, to: Gpr, from: number, most: number): void {
  a.mov(to, lane("count"));
  if (from > 0) a.sub(to, number(from));
  a.movImmediate(rax, most);
  a.cmp(to, rax);
  a.cmov("g", to, rax);
}
