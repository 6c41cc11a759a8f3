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
  rbp,
  rcx,
  rdx,
  zmm,
} from "../assembler/index.ts";
import { CHUNK, FEATURE_ROW, LANES, VECTOR } from "./layout.ts";
import { repeat } from "./maps/rows.ts";
import { firstLanes } from "./masks.ts";
import { ADDS, BY_TOKEN, call, lane, product, REPLACES } from "./words.ts";

/** The first token of the block under way, and how many tokens a block has. */
export const first = r12;
export const step = rbp;

const NOT_EARLIER = mask(1);
const UNUSUAL = mask(2);
const ANY = mask(3);
const COLUMNS = mask(4);
const NOT_FINITE = CLASS.notANumber | CLASS.infinite;
const ROW = number(FEATURE_ROW);

/** For each place in a block the lanes from it on. */
const FROM_PLACE = Array.from({ length: LANES }, (_, place) => (0xffff << place) & 0xffff);

/**
 * The chunk's scores `[keys, queries]`, φ(K)·φ(Q)ᵀ from the diagonal on, 16 keys at a time, and 0 for queries before
 * the key. Their sums are added to the divisors.
 */
export function scoreTriangle(a: Assembler): void {
  a.movImmediate(step, LANES);
  everyBlock(a, () => {
    const [keys, queries] = [r8, r9];
    remaining(a, keys, LANES);
    remaining(a, queries, CHUNK);
    for (const [register, name] of [
      [r10, "keys"],
      [r11, "queries"],
    ] as const) {
      a.mov(register, lane(name));
      a.lea(register, at(register, 0, first, 4));
    }
    onDiagonal(a, rcx);
    product(a, {
      ...{ a: r10, ...BY_TOKEN, rows: keys, inner: call("features") },
      ...{ b: r11, bRow: ROW, columns: queries, c: rcx, cRow: ROW, ...REPLACES },
    });
    onDiagonal(a, r8);
    clearEarlier(a);
    addScores(a);
  });
}

/** Of a block of 16 keys by 16 queries at r8, on the diagonal, the queries before each key become 0. Uses r9 and rcx. */
export function clearEarlier(a: Assembler): void {
  a.lea(r9, a.words(FROM_PLACE));
  a.movImmediate(rcx, LANES);
  repeat(a, rcx, () => {
    a.kmovwLoad(NOT_EARLIER, at(r9));
    a.vmovups(zmm(0), at(r8), { mask: NOT_EARLIER, zero: true });
    a.vmovupsStore(at(r8), zmm(0));
    a.add(r8, ROW);
    a.add(r9, number(4));
  });
}

/** The sums of 16 queries' scores, to their divisors. */
function addScores(a: Assembler): void {
  remaining(a, rcx, LANES);
  a.add(rcx, first);
  a.mov(r8, lane("scores"));
  a.lea(r8, at(r8, 0, first, 4));
  a.mov(r9, lane("divisors"));
  a.vpxord(zmm(0), zmm(0), zmm(0));
  repeat(a, rcx, () => {
    a.vaddps(zmm(0), zmm(0), at(r8));
    a.add(r8, ROW);
  });
  a.vaddps(zmm(0), zmm(0), at(r9, 0, first, 4));
  a.vmovupsStore(at(r9, 0, first, 4), zmm(0));
}

/**
 * Adds to the queries' sums what their own chunk's keys give, up to each query's own: 16 queries at a time, the keys
 * after a query having a score of 0. Query by query where a value is not finite: 0 times it would be NaN.
 */
export function addTriangle(a: Assembler): void {
  const finite = a.fresh("values_finite");
  anyUnusual(a);
  a.movImmediate(step, LANES);
  a.jumpIf("e", finite);
  a.movImmediate(step, 1);
  a.label(finite);
  everyBlock(a, () => {
    const [queries, keys, scores, out] = [r8, r9, r10, r11];
    remaining(a, queries, LANES);
    a.cmp(queries, step);
    a.cmov("g", queries, step);
    a.lea(keys, at(queries, 0, first, 1));
    a.mov(scores, lane("scores"));
    a.lea(scores, at(scores, 0, first, 4));
    a.mov(out, call("valueRow"));
    a.imul(out, first);
    a.add(out, lane("out"));
    product(a, {
      ...{ a: scores, ...BY_TOKEN, rows: queries, inner: keys },
      ...{ b: lane("v"), bRow: call("valueRow"), columns: call("columns") },
      ...{ c: out, cRow: call("valueRow"), ...ADDS },
    });
  });
}

/** Whether any value of the chunk is not finite: `ne` if so. */
function anyUnusual(a: Assembler): void {
  const look = (): void => {
    a.vfpclassps(UNUSUAL, zmm(0), NOT_FINITE);
    a.korw(ANY, ANY, UNUSUAL);
  };
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
    look();
    a.add(r9, number(VECTOR));
    a.sub(r10, number(LANES));
    a.jump(row);
    a.label(tail);
    firstLanes(a, COLUMNS, r10);
    a.vmovups(zmm(0), at(r9), { mask: COLUMNS, zero: true });
    look();
    a.add(r8, call("valueRow"));
  });
  a.kortestw(ANY, ANY);
}

/** Does `body` for each block of a chunk's tokens. */
export function everyBlock(a: Assembler, body: () => void): void {
  const next = a.fresh("block");
  a.xor(first, first);
  a.label(next);
  body();
  a.add(first, step);
  a.cmp(first, lane("count"));
  a.jumpIf("l", next);
}

/** How many of a chunk's tokens there are from the block on, at most `most`. Uses rax. */
export function remaining(a: Assembler, to: Gpr, most: number): void {
  a.mov(to, lane("count"));
  a.sub(to, first);
  a.movImmediate(rax, most);
  a.cmp(to, rax);
  a.cmov("g", to, rax);
}

/** Where the scores of a block's first key and first query lie. */
export function onDiagonal(
  a: Assembler,
  to: Gpr,
  of: "scores" | "pairSlopes" | "turnedSlopes" = "scores",
): void {
  a.imulImmediate(to, first, FEATURE_ROW + 4);
  a.add(to, lane(of));
}
