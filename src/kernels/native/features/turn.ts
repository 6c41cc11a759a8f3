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
  rax,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  zmm,
} from "../assembler/index.ts";
import { transpose } from "../code/transpose.ts";
import { FEATURE_ROW, LANES, VECTOR } from "./layout.ts";
import { firstLanes } from "./masks.ts";
import { call, copy, lane } from "./words.ts";

const LABEL = "turn";
const COLUMNS = mask(1);

/** How wide rows are, and how many bytes from one to the next: words of the call. */
const OF_KEYS = { width: "channels", row: "keyRow" } as const;
const OF_VALUES = { width: "columns", row: "valueRow" } as const;
/** Rows of a state's width, filled up to whole vectors. */
const OF_STATES = { width: "columns", row: "stateRow" } as const;

/**
 * Turns the rows of q or k at rsi, as many as the chunk has, to `[channels, tokens]` at rdi, filled up with 0 to whole
 * blocks. `beside` is the tensor whose rows belong to the same tokens.
 */
export function turnRows(a: Assembler, beside: "v" | "out" | "dout"): void {
  copy(a, lane("beside"), lane(beside));
  turn(a, OF_KEYS);
}

/** The same of rows as wide as values, `[columns, tokens]`; `of` says how far they are apart. */
export function turnValues(a: Assembler, of: "values" | "states", beside: "out" | "dq" | "dv"): void {
  copy(a, lane("beside"), lane(beside));
  turn(a, of === "values" ? OF_VALUES : OF_STATES);
}

function turn(a: Assembler, { width, row }: { readonly width: Word; readonly row: Word }): void {
  copy(a, lane("turnWidth"), call(width));
  copy(a, lane("turnRow"), call(row));
  a.call(LABEL);
}

type Word = Parameters<typeof call>[0];

/**
 * The subroutine: blocks of 16 tokens by 16 channels. Where a block has fewer, it is copied first, so that nothing
 * is read beyond a row. Keeps r12 to r15.
 */
export function writeTurn(a: Assembler): void {
  a.align(64);
  a.label(LABEL);
  const [tokens, channels] = [rbx, rbp];
  a.mov(tokens, lane("count"));
  const nextTokens = a.fresh("turn_tokens");
  const nextChannels = a.fresh("turn_channels");
  const partial = a.fresh("turn_partial");
  const turned = a.fresh("turn_block");
  a.label(nextTokens);
  a.push(rsi);
  a.push(rdi);
  a.mov(channels, lane("turnWidth"));
  a.label(nextChannels);
  a.cmp(tokens, number(LANES));
  a.jumpIf("l", partial);
  a.cmp(channels, number(LANES));
  a.jumpIf("l", partial);
  a.mov(r8, rsi);
  a.mov(rax, lane("turnRow"));
  a.jump(turned);
  a.label(partial);
  writeCopy(a, tokens, channels);
  a.mov(r8, lane("staging"));
  a.movImmediate(rax, VECTOR);
  a.label(turned);
  writeBlock(a);
  a.add(rsi, number(VECTOR));
  a.add(rdi, number(LANES * FEATURE_ROW));
  a.sub(channels, number(LANES));
  a.jumpIf("g", nextChannels);
  a.pop(rdi);
  a.pop(rsi);
  a.add(rdi, number(VECTOR));
  a.mov(rax, lane("turnRow"));
  a.mov(rdx, rsi);
  prefetchNext(a);
  a.mov(rsi, rcx);
  // And of those that they meet.
  a.mov(rax, call("valueRow"));
  a.mov(rdx, lane("beside"));
  prefetchNext(a);
  a.store(lane("beside"), rcx);
  a.sub(tokens, number(LANES));
  a.jumpIf("g", nextTokens);
  a.ret();
}

/**
 * Asks memory for what the next chunk has in the place of 16 rows at rdx, rax bytes long, so that it comes while this
 * one is computed; rcx is where those rows end. Nothing is read: there may be no memory.
 */
export function prefetchNext(a: Assembler): void {
  const next = a.fresh("prefetch");
  a.shl(rax, Math.log2(LANES));
  a.lea(rcx, at(rdx, 0, rax, 1));
  a.mov(r9, rax);
  a.imul(r9, lane("ahead"));
  a.add(rdx, r9);
  a.lea(r9, at(rdx, 0, rax, 1));
  a.label(next);
  a.prefetcht0(at(rdx));
  a.add(rdx, number(VECTOR));
  a.cmp(rdx, r9);
  a.jumpIf("l", next);
}

/** 16 rows, rax bytes apart, from r8 on, to 16 columns from rdi on. */
function writeBlock(a: Assembler): void {
  const starts: readonly Gpr[] = [r8, r9, r10, r11];
  a.lea(rdx, at(rax, 0, rax, 2));
  for (let four = 1; four < 4; four++) a.lea(starts[four], at(starts[four - 1], 0, rax, 4));
  transpose(
    a,
    (row, to) => {
      const start = starts[row >> 2];
      const places = [at(start), at(start, 0, rax, 1), at(start, 0, rax, 2), at(start, 0, rdx, 1)];
      a.vmovups(to, places[row & 3]);
    },
    (column, from) => a.vmovupsStore(at(rdi, FEATURE_ROW * column), from),
  );
}

/** Copies what there is of a block at rsi into the lane, and zeros for the rest. */
function writeCopy(a: Assembler, tokens: Gpr, channels: Gpr): void {
  const next = a.fresh("copy_row");
  const rest = a.fresh("copy_zeros");
  const clear = a.fresh("clear_row");
  const done = a.fresh("copied");
  a.movImmediate(rax, LANES);
  a.cmp(channels, rax);
  a.cmov("l", rax, channels);
  firstLanes(a, COLUMNS, rax);
  a.mov(r8, rsi);
  a.mov(r9, lane("staging"));
  a.mov(rax, lane("turnRow"));
  a.mov(rcx, tokens);
  a.movImmediate(rdx, LANES);
  a.cmp(rcx, rdx);
  a.cmov("g", rcx, rdx);
  a.sub(rdx, rcx);
  a.label(next);
  a.vmovups(zmm(0), at(r8), { mask: COLUMNS, zero: true });
  a.vmovupsStore(at(r9), zmm(0));
  a.add(r8, rax);
  a.add(r9, number(VECTOR));
  a.sub(rcx, number(1));
  a.jumpIf("g", next);
  a.label(rest);
  a.vpxord(zmm(0), zmm(0), zmm(0));
  a.label(clear);
  a.sub(rdx, number(1));
  a.jumpIf("l", done);
  a.vmovupsStore(at(r9), zmm(0));
  a.add(r9, number(VECTOR));
  a.jump(clear);
  a.label(done);
}
