import { rdi, rsi, zmm } from "../assembler/index.ts";
import { scaleRows } from "./calls.ts";
import { pairsOf, UNREAD_PAIRS, VARIANTS } from "./pairs.ts";
import { ifEqual, ifSet, placed, type Site, subroutine } from "./site.ts";

/**
 * Subroutines that make the decayed products between the tokens of a chunk, and bring rows to where they read the state, and
 * keys to the end of the chunk.
 */
export function writeChunkPairs(site: Site): void {
  const { a, places } = site;
  const { rows, lanes, squares } = places;

  subroutine(a, "by_channel", () => {
    const done = a.fresh("pairs_done");
    ifEqual(a, "reads", 0, () => {
      a.call(UNREAD_PAIRS);
      a.jump(done);
    });
    for (const [index, { reads, erases }] of VARIANTS.entries()) {
      ifEqual(a, "variant", index, () => {
        a.call(pairsOf(index));
        a.call(`run_queries_${reads}`);
        if (erases !== null) a.call(`run_erasing_${erases}`);
        if (reads === "before") a.call("add_bonus");
        a.jump(done);
      });
    }
    a.label(done);
  });

  subroutine(a, "by_token", () => {
    ifSet(a, "reads", () => {
      pairTokens(rows.queries, squares.scores);
      ifSet(a, "erases", () => pairTokens(rows.keys, squares.erasing));
    });
    a.vmovups(zmm(1), placed(lanes.toEnd));
    a.call("scale_turned");
  });

  /** Rows times all keys up to their own, and what they read of the state. */
  function pairTokens(of: number, to: number): void {
    a.lea(rsi, placed(of));
    a.lea(rdi, placed(to));
    a.call("token_pairs");
    a.lea(rsi, placed(lanes.fromStart));
    scaleRows(site, of);
  }
}
