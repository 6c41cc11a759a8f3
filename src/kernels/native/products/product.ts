import {
  type Assembler,
  at,
  type Gpr,
  number,
  r12,
  r13,
  r14,
  r15,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsp,
} from "../assembler/index.ts";
import { PRODUCT } from "./block.ts";
import { ADDED_FIRST, COLUMNS, HELD, SCALE, writeTile } from "./tile.ts";

const LABEL = "product";
const LANES = 16;
/** Vectors of the widest tile, and the columns of a panel, which is as wide. */
const WIDEST = 4;
const PANEL = WIDEST * LANES;
/** Rows of tiles, tallest first, by their vectors: 24 sums or 16 leave room for B and A. All of a row are tried, the first again and again. */
const TALL: Readonly<Record<number, readonly number[]>> = {
  4: [6, 4, 2, 1],
  3: [8, 4, 2, 1],
  2: [8, 4, 2, 1],
  1: [8, 4, 2, 1],
};
/**
 * Rows of B that all rows of A meet before the next. A panel of so many, 32 KiB, stays in the first cache, and so does what
 * is read of A where that is walked by its columns: with 512 that lost a tenth.
 */
const BLOCK = 128;

const KEPT: readonly Gpr[] = [rbx, rbp, r12, r13, r14, r15];
/** What does not fit registers lies on the stack. */
const LOCAL = { columns: 0, bPanel: 8, cPanel: 16, aBlock: 24, bBlock: 32, steps: 40, left: 48 } as const;
const LOCAL_BYTES = 56;
const local = (name: keyof typeof LOCAL) => at(rsp, LOCAL[name]);
const given = (name: keyof typeof PRODUCT) => at(rdi, PRODUCT[name]);

/** Calls the product that `writeProduct` has placed, with a block of `PRODUCT`. Registers are as after any function of C. */
export function callProduct(a: Assembler, block: Gpr): void {
  if (block !== rdi) a.mov(rdi, block);
  a.call(LABEL);
}

/**
 * A subroutine: C[i][x] (+)= scale·Σk A[i][k]·B[k][x]. A may have any strides, rows of B and of C lie together.
 * Panels of 64 columns; of each, blocks of rows of B; of each, tiles of rows of A. Nothing is read or written
 * beyond the columns. No chain of float32 sums has more than 64 products.
 */
export function writeProduct(a: Assembler): void {
  a.align(64);
  a.label(LABEL);
  for (const register of KEPT) a.push(register);
  a.sub(rsp, number(LOCAL_BYTES));
  for (const stride of ["aRow", "aStep", "bRow", "cRow"] as const) a.mov(HELD[stride], given(stride));
  a.vbroadcastss(SCALE, given("scale"));
  copyWords(a, { bPanel: given("b"), cPanel: given("c"), columns: given("columns") });

  const panel = a.fresh("panel");
  const next = a.fresh("next_panel");
  const done = a.fresh("product_done");
  a.label(panel);
  a.mov(rdx, local("columns"));
  a.test(rdx, rdx);
  a.jumpIf("le", done);
  a.movImmediate(rcx, PANEL);
  a.cmp(rdx, rcx);
  a.cmov("g", rdx, rcx);
  for (let vectors = WIDEST; vectors > 0; vectors--) {
    const narrower = a.fresh("narrower");
    a.sub(rdx, number(LANES * (vectors - 1)));
    a.jumpIf("le", narrower);
    writePanel(a, vectors);
    a.jump(next);
    a.label(narrower);
    a.add(rdx, number(LANES * (vectors - 1)));
  }
  a.label(next);
  for (const [name, by] of [
    ["bPanel", 4 * PANEL],
    ["cPanel", 4 * PANEL],
    ["columns", -PANEL],
  ] as const) {
    a.mov(rdx, local(name));
    a.add(rdx, number(by));
    a.store(local(name), rdx);
  }
  a.jump(panel);

  a.label(done);
  a.add(rsp, number(LOCAL_BYTES));
  for (const register of [...KEPT].reverse()) a.pop(register);
  a.ret();
}

/** A panel of so many vectors, with rdx columns in the last. */
function writePanel(a: Assembler, vectors: number): void {
  writeMasks(a);
  copyWords(a, { aBlock: given("a"), bBlock: local("bPanel"), left: given("inner") });
  const block = a.fresh("block");
  a.label(block);
  a.movImmediate(rcx, BLOCK);
  a.mov(rdx, local("left"));
  a.cmp(rdx, rcx);
  a.cmov("g", rdx, rcx);
  a.store(local("steps"), rdx);
  writeRows(a, vectors);

  a.kxnorw(ADDED_FIRST.whole, COLUMNS, COLUMNS);
  a.korw(ADDED_FIRST.last, COLUMNS, COLUMNS);
  for (const [name, stride] of [
    ["aBlock", HELD.aStep],
    ["bBlock", HELD.bRow],
  ] as const) {
    a.imulImmediate(rdx, stride, BLOCK);
    a.add(rdx, local(name));
    a.store(local(name), rdx);
  }
  a.mov(rdx, local("left"));
  a.sub(rdx, number(BLOCK));
  a.store(local("left"), rdx);
  a.jumpIf("g", block);
}

/** All rows of A with a block. */
function writeRows(a: Assembler, vectors: number): void {
  a.mov(HELD.a, local("aBlock"));
  a.mov(HELD.c, local("cPanel"));
  a.mov(HELD.rows, given("rows"));
  for (const [order, rows] of TALL[vectors].entries()) {
    const shorter = a.fresh("shorter");
    const again = a.fresh("rows");
    a.label(again);
    a.cmp(HELD.rows, number(rows));
    a.jumpIf("l", shorter);
    writeTile(a, rows, vectors, { b: local("bBlock"), steps: local("steps") });
    if (order === 0) a.jump(again);
    a.label(shorter);
  }
}

/** The masks of a panel with rdx columns in its last vector, and of its first block. */
function writeMasks(a: Assembler): void {
  const replaces = a.fresh("replaces");
  a.lea(rcx, a.words(Array.from({ length: LANES + 1 }, (_, columns) => 2 ** columns - 1)));
  a.kmovwLoad(COLUMNS, at(rcx, 0, rdx, 4));
  a.mov(rdx, given("add"));
  a.kmovw(ADDED_FIRST.whole, rdx);
  a.korw(ADDED_FIRST.last, ADDED_FIRST.whole, ADDED_FIRST.whole);
  a.test(rdx, rdx);
  a.jumpIf("e", replaces);
  a.kxnorw(ADDED_FIRST.whole, COLUMNS, COLUMNS);
  a.korw(ADDED_FIRST.last, COLUMNS, COLUMNS);
  a.label(replaces);
}

function copyWords(
  a: Assembler,
  words: Readonly<Partial<Record<keyof typeof LOCAL, ReturnType<typeof at>>>>,
): void {
  for (const [name, from] of Object.entries(words)) {
    a.mov(rdx, from);
    a.store(local(name as keyof typeof LOCAL), rdx);
  }
}
