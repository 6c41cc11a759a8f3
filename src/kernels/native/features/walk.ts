import { type Assembler, number, r8, r9, r10, rax } from "../assembler/index.ts";
import { everyChunk, keyFeatures, queryFeatures, readState } from "./chunks.ts";
import { ITEM_BYTES } from "./layout.ts";
import { ifScaled, matchExponents, openState, sumStates } from "./scaled-states.ts";
import { addChunk, divide } from "./sums.ts";
import { addTriangle, scoreTriangle } from "./triangle.ts";
import { copy, ITEM_BLOCK, item, lane } from "./words.ts";

/**
 * One segment of a causal call, or all of a head, one after the other. A query reads the state of the segments before, at item.state, that of the segment's
 * chunks before its own, and the triangle of its own chunk.
 */
export function walk(a: Assembler): void {
  const segment = a.fresh("walk_segment");
  const begun = a.fresh("walk_begun");
  const last = a.fresh("walk_last");
  a.label(segment);
  a.mov(rax, item("begins"));
  a.test(rax, rax);
  a.jumpIf("e", begun);
  a.mov(r8, item("state"));
  openState.call(a);
  a.label(begun);
  copy(a, lane("read"), lane("total"));
  copy(a, lane("state"), lane("local"));
  a.mov(r8, lane("local"));
  openState.call(a);
  everyChunk(a, ["q", "k", "v", "out", "rowSums"], () => {
    keyFeatures.call(a);
    a.mov(r8, item("state"));
    a.mov(r9, lane("local"));
    a.mov(r10, lane("total"));
    sumStates.call(a);
    queryFeatures.call(a);
    readState.call(a);
    addChunk.call(a);
    ifScaled(
      a,
      () => matchExponents(a),
      () => {},
    );
    scoreTriangle(a);
    addTriangle(a);
    divide.call(a);
  });
  // One that a thread walks on from leaves the next, which lies behind it, what it begins with.
  a.mov(r10, item("next"));
  a.test(r10, r10);
  a.jumpIf("e", last);
  a.mov(r8, item("state"));
  a.mov(r9, lane("local"));
  sumStates.call(a);
  a.add(ITEM_BLOCK, number(ITEM_BYTES));
  a.jump(segment);
  a.label(last);
}
