import { type Assembler, number, rax, rdi } from "../assembler/index.ts";
import { Program } from "../call/program.ts";
import { forEachItem, functionOf } from "../code/frame.ts";
import { writeProduct } from "../products/product.ts";
import { accumulate, keyFeatures, queryFeatures, read, readState } from "./chunks.ts";
import { joinBlock, scanFeatures, sumFeatures } from "./join.ts";
import { ITEM_BYTES, PHASE } from "./layout.ts";
import { writeMaps } from "./maps/index.ts";
import { ifScaled, openState, sumStates } from "./scaled-states.ts";
import { addChunk, divide } from "./sums.ts";
import { writeTurn } from "./turn.ts";
import { walk } from "./walk.ts";
import { CALL_BLOCK, call, ITEM_BLOCK, LANE_BLOCK, lane } from "./words.ts";

/** Its one entry, which takes the address of a lane. */
export const ENTRY = "features";

/** What is done with an item of a phase. */
type PhaseCode = readonly [phase: number, write: (a: Assembler) => void];

const PHASES: readonly PhaseCode[] = [
  [PHASE.accumulate, accumulate],
  [
    PHASE.sum,
    (a) =>
      ifScaled(
        a,
        () => sumFeatures(a),
        () => joinBlock(a, false),
      ),
  ],
  [
    PHASE.scan,
    (a) =>
      ifScaled(
        a,
        () => scanFeatures(a),
        () => joinBlock(a, true),
      ),
  ],
  [PHASE.read, read],
  [PHASE.walk, walk],
];

const PARTS = [keyFeatures, queryFeatures, addChunk, readState, divide, openState, sumStates] as const;

/** Linear attention in machine code: the items of one phase, which threads share. */
export const featureProgram = new Program("features", (a) => {
  writePhases(a, ENTRY, PHASES);
  for (const { write } of PARTS) write(a);
  writeTurn(a);
  writeMaps(a);
  writeProduct(a);
});

/** An entry that does all items of the call's phase that are left, in the code of that phase. */
export function writePhases(a: Assembler, entry: string, phases: readonly PhaseCode[]): void {
  functionOf(a, entry, () => {
    a.mov(LANE_BLOCK, rdi);
    a.mov(CALL_BLOCK, lane("call"));
    for (const [phase, write] of phases) {
      const other = a.fresh("other_phase");
      a.mov(rax, call("phase"));
      a.cmp(rax, number(phase));
      a.jumpIf("ne", other);
      forEachItem(
        a,
        () => CALL_BLOCK,
        () => {
          a.imul(rax, call("stride"));
          a.imulImmediate(ITEM_BLOCK, rax, ITEM_BYTES);
          a.add(ITEM_BLOCK, call("items"));
          write(a);
        },
      );
      a.label(other);
    }
  });
}
