import { at, each, number, rcx, rdi, rsi, zmm } from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { TOKENS, VECTOR } from "./layout.ts";
import { placed, type Site, subroutine, word } from "./site.ts";

/**
 * Subroutines that multiply values by a triangle of the square at rdi. No product is made of what lies above the diagonal:
 * a weight of 0 would make NaN of a later token's infinity.
 */
export function writeTriangles({ a, places }: Site): void {
  const rows = Array.from({ length: TOKENS }, (_, token) => zmm(token));
  const value = zmm(16);

  /** Each row of output gets its weights times the values up to its own. */
  subroutine(a, "read_triangle", () => {
    a.lea(rsi, placed(places.rows.output));
    a.mov(rcx, word("valueVectors"));
    countDown(a, rcx, 1, () => {
      for (const [token, row] of rows.entries()) a.vmovups(row, at(rsi, token * places.row));
      for (let earlier = 0; earlier < TOKENS; earlier++) {
        a.vmovups(value, at(rsi, places.rows.values - places.rows.output + earlier * places.row));
        for (let token = earlier; token < TOKENS; token++) {
          a.vfmadd231ps(rows[token], value, each(at(rdi, token * VECTOR + 4 * earlier)));
        }
      }
      for (const [token, row] of rows.entries()) a.vmovupsStore(at(rsi, token * places.row), row);
      a.add(rsi, number(VECTOR));
    });
  });

  /** Each row of values gets its weights times those before it, which have got theirs. */
  subroutine(a, "solve_triangle", () => {
    a.lea(rsi, placed(places.rows.values));
    a.mov(rcx, word("valueVectors"));
    countDown(a, rcx, 1, () => {
      for (const [token, row] of rows.entries()) a.vmovups(row, at(rsi, token * places.row));
      for (let earlier = 0; earlier < TOKENS; earlier++) {
        for (let token = earlier + 1; token < TOKENS; token++) {
          a.vfmadd231ps(rows[token], rows[earlier], each(at(rdi, token * VECTOR + 4 * earlier)));
        }
      }
      for (const [token, row] of rows.entries()) a.vmovupsStore(at(rsi, token * places.row), row);
      a.add(rsi, number(VECTOR));
    });
  });
}
