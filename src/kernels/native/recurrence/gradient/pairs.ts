import { at, each, number, r8, rcx, rdi, rsi, zmm } from "../../assembler/index.ts";
import { countDown } from "../../code/frame.ts";
import { transpose } from "../../code/transpose.ts";
import { TOKENS, VECTOR } from "../layout.ts";
import { placed, subroutine, word } from "../site.ts";
import { type Asked, askForChunkBefore, openChunkBefore } from "./chunk-before.ts";
import type { BackSite } from "./site.ts";

/** Subroutines of products between the tokens of a chunk whose channels decay together. */
export function writePairsBack(site: BackSite): void {
  const { a, places, back } = site;
  const { row, squares } = places;
  const column = zmm(16);
  const sums = Array.from({ length: TOKENS }, (_, token) => zmm(token));

  /** Products of the rows at rsi with the turned rows at r8, rcx numbers long: a register for each row. */
  function products(ask: readonly Asked[]): void {
    for (const sum of sums) a.vpxord(sum, sum, sum);
    openChunkBefore(site, ask);
    countDown(a, rcx, 1, () => {
      askForChunkBefore(site, ask);
      a.vmovups(column, at(r8));
      for (const [token, sum] of sums.entries()) a.vfmadd231ps(sum, column, each(at(rsi, token * row)));
      a.add(rsi, number(4));
      a.add(r8, number(VECTOR));
    });
  }

  /** Scores: queries with keys, times what is left of the key. */
  subroutine(a, "score_pairs", () => {
    a.lea(rsi, placed(places.rows.queries));
    a.lea(r8, placed(places.turned));
    a.mov(rcx, word("d"));
    products(["k", "q", "dq", "dk"]);
    for (const [token, sum] of sums.entries()) {
      a.vmulps(sum, sum, placed(squares.shares, token * VECTOR));
      a.vmovupsStore(placed(squares.scores, token * VECTOR), sum);
    }
  });

  /** Gradients of scores: rows of dout with values, times the scores, and times what is left of the earlier token. */
  subroutine(a, "value_pairs", () => {
    a.lea(rsi, placed(places.rows.values));
    a.lea(r8, placed(back.turned.values));
    a.mov(rcx, word("valueBytes"));
    a.shr(rcx, 2);
    products(["v", "dout", "dv"]);
    for (const [token, sum] of sums.entries()) {
      a.vmulps(column, sum, placed(squares.scores, token * VECTOR));
      a.vmovupsStore(placed(back.squares.products, token * VECTOR), column);
      a.vmulps(sum, sum, placed(squares.shares, token * VECTOR));
      a.vmovupsStore(placed(back.squares.weighted, token * VECTOR), sum);
    }
  });

  /** The same where channels decay by themselves: products of dout with values, as they are. */
  subroutine(a, "channel_value_pairs", () => {
    a.lea(rsi, placed(places.rows.values));
    a.lea(r8, placed(back.turned.values));
    a.mov(rcx, word("valueBytes"));
    a.shr(rcx, 2);
    products(["v", "dout", "dv", "k", "q", "dq", "dk"]);
    for (const [token, sum] of sums.entries()) {
      a.vmovupsStore(placed(back.squares.weighted, token * VECTOR), sum);
    }
  });

  /** `[column, token]` at rsi, rcx times 16 columns, to rows at rdi. */
  subroutine(a, "turn_to_rows", () => {
    countDown(a, rcx, 1, () => {
      transpose(
        a,
        (index, to) => a.vmovups(to, at(rsi, index * VECTOR)),
        (token, from) => a.vmovupsStore(at(rdi, token * row), from),
      );
      a.add(rsi, number(TOKENS * VECTOR));
      a.add(rdi, number(VECTOR));
    });
  });

  /** Rows at rsi, rcx vectors of each, to `[column, token]` at rdi. */
  subroutine(a, "turn_rows", () => {
    countDown(a, rcx, 1, () => {
      transpose(
        a,
        (token, to) => a.vmovups(to, at(rsi, token * row)),
        (index, from) => a.vmovupsStore(at(rdi, index * VECTOR), from),
      );
      a.add(rsi, number(VECTOR));
      a.add(rdi, number(TOKENS * VECTOR));
    });
  });

  for (const [name, isLater] of [
    ["add_earlier", false],
    ["add_later", true],
  ] as const) {
    /**
     * Adds to each row at rsi the rows at r8 of all tokens up to its own, or of all from its own on, times their numbers in the square at
     * rdi, whose rows are later tokens; rcx vectors of each. No product is made of what lies above the diagonal: 0 times a number that
     * is none would not be 0.
     */
    subroutine(a, name, () => {
      countDown(a, rcx, 1, () => {
        for (const [token, sum] of sums.entries()) a.vmovups(sum, at(rsi, token * row));
        for (let from = 0; from < TOKENS; from++) {
          a.vmovups(column, at(r8, from * row));
          for (const [token, sum] of sums.entries()) {
            if (isLater ? token > from : token < from) continue;
            const [later, earlier] = isLater ? [from, token] : [token, from];
            a.vfmadd231ps(sum, column, each(at(rdi, later * VECTOR + 4 * earlier)));
          }
        }
        for (const [token, sum] of sums.entries()) a.vmovupsStore(at(rsi, token * row), sum);
        a.add(rsi, number(VECTOR));
        a.add(r8, number(VECTOR));
      });
    });
  }
}
