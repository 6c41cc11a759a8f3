import { mask, rax, zmm } from "../../assembler/index.ts";
import { foldLanes } from "../../code/fold.ts";
import { TOKENS, VECTOR } from "../layout.ts";
import { placed, subroutine, word } from "../site.ts";
import type { BackSite } from "./site.ts";

/**
 * A subroutine: the gradients of `ln α` of a chunk's tokens, where channels decay together. A decay gets what every pair gets that it
 * lies between, what later tokens read of the state before the chunk, what earlier ones leave of themselves after it, and what goes
 * through the whole chunk. Every term has the decay in it: nothing that decays is a difference of what does not.
 */
export function writeTokenLogs(site: BackSite): void {
  const { a, places, back } = site;
  const [earlier, own] = [mask(1), mask(2)];
  const [pairs, kept, reads, through] = [zmm(16), zmm(17), zmm(18), zmm(19)];
  subroutine(a, "token_log_gradients", () => {
    a.call("state_by_after");
    a.vbroadcastss(through, placed(places.lanes.fromStart, 4 * (TOKENS - 1)));
    a.vmulps(through, through, zmm(0));
    a.vpxord(pairs, pairs, pairs);
    a.vmovups(kept, placed(back.lanes.ofKept));
    a.vmovups(reads, placed(back.lanes.ofReads));
    for (let token = TOKENS - 1; token >= 0; token--) {
      const sum = zmm(token);
      a.movImmediate(rax, 2 ** token - 1);
      a.kmovw(earlier, rax);
      a.knotw(own, earlier);
      // Of pairs whose later token is this one or behind it, by the earlier one.
      a.vaddps(pairs, pairs, placed(back.squares.products, token * VECTOR));
      a.vaddps(sum, pairs, kept, { mask: earlier, zero: true });
      a.vmovups(sum, reads, { mask: own });
      a.vaddps(sum, sum, through);
    }
    foldLanes(a);
    a.kmovwLoad(earlier, word("counted"));
    a.vmovups(zmm(0), zmm(0), { mask: earlier, zero: true });
    a.vmovupsStore(placed(back.lanes.ofLogs), zmm(0));
  });
}
