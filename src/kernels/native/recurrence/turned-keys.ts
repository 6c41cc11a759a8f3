import { at, each, number, rcx, rdi, rsi, zmm } from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { transpose } from "../code/transpose.ts";
import { TOKENS, VECTOR } from "./layout.ts";
import { placed, type Site, subroutine, word } from "./site.ts";
import { clearSums, joinSums } from "./sums.ts";

/** Subroutines of keys `[channel, token]`, in which a lane is a token. */
export function writeTurnedKeys({ a, places }: Site): void {
  /** Rows of keys, turned, as they are. */
  subroutine(a, "turn_keys", () => {
    a.lea(rsi, placed(places.rows.keys));
    a.lea(rdi, placed(places.turned));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      transpose(
        a,
        (row, to) => a.vmovups(to, at(rsi, row * places.row)),
        (column, from) => a.vmovupsStore(at(rdi, column * VECTOR), from),
      );
      a.add(rsi, number(VECTOR));
      a.add(rdi, number(TOKENS * VECTOR));
    });
  });

  /** Turned keys times the rows of writes. */
  subroutine(a, "multiply_writes", () => {
    a.lea(rsi, placed(places.rows.writes));
    a.lea(rdi, placed(places.turned));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      transpose(
        a,
        (row, to) => a.vmovups(to, at(rsi, row * places.row)),
        (column, from) => {
          a.vmulps(from, from, at(rdi, column * VECTOR));
          a.vmovupsStore(at(rdi, column * VECTOR), from);
        },
      );
      a.add(rsi, number(VECTOR));
      a.add(rdi, number(TOKENS * VECTOR));
    });
  });

  /** Turned keys times a number of each token, which are in zmm1. */
  subroutine(a, "scale_turned", () => {
    a.lea(rdi, placed(places.turned));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      for (let channel = 0; channel < TOKENS; channel++) {
        a.vmulps(zmm(2), zmm(1), at(rdi, channel * VECTOR));
        a.vmovupsStore(at(rdi, channel * VECTOR), zmm(2));
      }
      a.add(rdi, number(TOKENS * VECTOR));
    });
  });

  /** The sum of turned keys times the vector of channels at rsi, of each token, in zmm0. */
  subroutine(a, "project_keys", () => {
    clearSums(a);
    a.lea(rdi, placed(places.turned));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      for (let channel = 0; channel < TOKENS; channel++) {
        a.vmovups(zmm(4), at(rdi, channel * VECTOR));
        a.vfmadd231ps(zmm(channel % 4), zmm(4), each(at(rsi, 4 * channel)));
      }
      a.add(rsi, number(VECTOR));
      a.add(rdi, number(TOKENS * VECTOR));
    });
    joinSums(a);
  });

  /** The sum of squares of turned keys, of each token, in zmm0. */
  subroutine(a, "square_keys", () => {
    clearSums(a);
    a.lea(rdi, placed(places.turned));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      for (let channel = 0; channel < TOKENS; channel++) {
        a.vmovups(zmm(4), at(rdi, channel * VECTOR));
        a.vfmadd231ps(zmm(channel % 4), zmm(4), zmm(4));
      }
      a.add(rdi, number(TOKENS * VECTOR));
    });
    joinSums(a);
  });
}
