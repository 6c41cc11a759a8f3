import {
  at,
  each,
  type Gpr,
  type Memory,
  number,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
  rax,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  zmm,
} from "../../assembler/index.ts";
import { foldLanes } from "../../code/fold.ts";
import { countDown } from "../../code/frame.ts";
import { transpose } from "../../code/transpose.ts";
import { TOKENS, VECTOR } from "../layout.ts";
import { placed, subroutine, word } from "../site.ts";
import { type BackSite, backWord } from "./site.ts";

/** Addresses of rows 0, 3, … 15 of a matrix, of which others are one or two rows further. */
const ROWS_AT: readonly Gpr[] = [r8, r9, r10, r11, r12, r13];
const rowBytes = rbx;
/** Columns in one turn of the loop. */
const UNROLLED = 4;

/** Subroutines of what rows get of the state before a chunk, and of the gradient of the state after it. */
export function writeStateRows(site: BackSite): void {
  const { a, places, back } = site;
  const { lanes } = places;
  const sums = Array.from({ length: TOKENS }, (_, channel) => zmm(channel));
  const [column, dots] = [zmm(16), [zmm(20), zmm(21), zmm(22), zmm(23)]];

  for (const { name, columns, turned, factor, to, dot, asks } of [
    {
      name: "rows_of_state",
      columns: back.turned.douts,
      turned: places.turned,
      factor: lanes.fromStart,
      to: back.rows.ofQueries,
      dot: back.lanes.ofReads,
      asks: false,
    },
    {
      name: "rows_of_after",
      columns: back.turned.values,
      turned: places.turned,
      factor: lanes.toEnd,
      to: back.rows.ofKeys,
      dot: back.lanes.ofKept,
      // A line a step of the state that the chunk before reads, which has as many.
      asks: true,
    },
  ]) {
    /**
     * Products of the matrix at rsi with turned rows of numbers, 16 channels at a time, times a number of each token: as rows of the
     * tokens; and products of those with turned queries or keys, which are what decays get.
     */
    subroutine(a, name, () => {
      a.mov(rowBytes, word("valueVectors"));
      a.shl(rowBytes, 6);
      a.lea(r14, placed(turned));
      a.lea(r15, placed(to));
      for (const sum of dots) a.vpxord(sum, sum, sum);
      a.vmovupsStore(placed(dot), dots[0]);
      if (asks) {
        a.mov(rax, word("keptNow"));
        a.sub(rax, word("keptBytes"));
      }
      a.mov(rdx, word("keyVectors"));
      countDown(a, rdx, 1, () => {
        a.mov(ROWS_AT[0], rsi);
        for (let three = 1; three < ROWS_AT.length; three++) {
          a.lea(ROWS_AT[three], at(ROWS_AT[three - 1], 0, rowBytes, 2));
          a.add(ROWS_AT[three], rowBytes);
        }
        a.lea(rdi, placed(columns));
        for (const sum of sums) a.vpxord(sum, sum, sum);
        a.mov(rcx, word("valueBytes"));
        a.shr(rcx, 2);
        const step = (count: number): void => {
          for (let of = 0; of < count; of++) {
            if (asks) a.prefetcht0(at(rax, of * VECTOR));
            a.vmovups(column, at(rdi, of * VECTOR));
            for (const [channel, sum] of sums.entries()) {
              a.vfmadd231ps(sum, column, each(elementOf(channel, of)));
            }
          }
          for (const row of ROWS_AT) a.add(row, number(4 * count));
          a.add(rdi, number(count * VECTOR));
          if (asks) a.add(rax, number(count * VECTOR));
        };
        countDown(a, rcx, UNROLLED, () => step(UNROLLED));
        countDown(a, rcx, 1, () => step(1));
        for (const sum of dots) a.vpxord(sum, sum, sum);
        for (const [channel, sum] of sums.entries()) {
          a.vmulps(sum, sum, placed(factor));
          a.vfmadd231ps(dots[channel % dots.length], sum, at(r14, channel * VECTOR));
        }
        a.vaddps(dots[0], dots[0], dots[1]);
        a.vaddps(dots[2], dots[2], dots[3]);
        a.vaddps(dots[0], dots[0], dots[2]);
        a.vaddps(dots[0], dots[0], placed(dot));
        a.vmovupsStore(placed(dot), dots[0]);
        transpose(
          a,
          () => {},
          (token, from) => a.vmovupsStore(at(r15, token * places.row), from),
        );
        a.add(r15, number(VECTOR));
        a.add(r14, number(TOKENS * VECTOR));
        a.mov(rcx, rowBytes);
        a.shl(rcx, 4);
        a.add(rsi, rcx);
      });
    });
  }

  /** The sum of products of all numbers of the state and of its gradient, by lanes, in zmm0. */
  subroutine(a, "state_by_after", () => {
    a.mov(rsi, word("keptNow"));
    a.mov(rdi, backWord(site, "after"));
    a.mov(rcx, word("keyVectors"));
    a.shl(rcx, 4);
    a.mov(rdx, word("valueVectors"));
    a.imul(rcx, rdx);
    for (let sum = 0; sum < 4; sum++) a.vpxord(zmm(sum), zmm(sum), zmm(sum));
    // Rows of channels are whole vectors: a multiple of 16 of them.
    countDown(a, rcx, 4, () => {
      for (let sum = 0; sum < 4; sum++) {
        a.vmovups(zmm(4 + sum), at(rsi, sum * VECTOR));
        a.vfmadd231ps(zmm(sum), zmm(4 + sum), at(rdi, sum * VECTOR));
      }
      a.add(rsi, number(4 * VECTOR));
      a.add(rdi, number(4 * VECTOR));
    });
    a.vaddps(zmm(0), zmm(0), zmm(1));
    a.vaddps(zmm(2), zmm(2), zmm(3));
    a.vaddps(zmm(0), zmm(0), zmm(2));
  });

  /** The same of each channel by itself, in the lane's row. */
  subroutine(a, "state_by_after_channels", () => {
    a.mov(rsi, word("keptNow"));
    a.mov(rdi, backWord(site, "after"));
    a.lea(r8, placed(back.channels.through));
    a.mov(rdx, word("keyVectors"));
    countDown(a, rdx, 1, () => {
      for (const sum of sums) {
        a.vpxord(sum, sum, sum);
        a.mov(rcx, word("valueVectors"));
        countDown(a, rcx, 1, () => {
          a.vmovups(column, at(rsi));
          a.vfmadd231ps(sum, column, at(rdi));
          a.add(rsi, number(VECTOR));
          a.add(rdi, number(VECTOR));
        });
      }
      foldLanes(a);
      a.vmovupsStore(at(r8), zmm(0));
      a.add(r8, number(VECTOR));
    });
  });

  function elementOf(channel: number, column: number): Memory {
    const base = ROWS_AT[Math.floor(channel / 3)];
    const further = channel % 3;
    return further === 0 ? at(base, 4 * column) : at(base, 4 * column, rowBytes, further === 1 ? 1 : 2);
  }
}
