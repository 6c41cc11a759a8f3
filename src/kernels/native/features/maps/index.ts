import { type Assembler, number, rax } from "../../assembler/index.ts";
import { MAP } from "../layout.ts";
import { call } from "../words.ts";
import { channelSoftmax } from "./channel-softmax.ts";
import { linearUnits, rectified } from "./elementwise.ts";
import { reweighted } from "./reweighted.ts";
import { rolled } from "./rolled.ts";

const LABEL = "make_features";

/** How features are made of turned rows at r8, to r9. Each may use all registers but r12 to r15. */
const MAPS: readonly (readonly [map: number, write: (a: Assembler) => void])[] = [
  [MAP.elu, linearUnits],
  [MAP.relu, rectified],
  [MAP.reweighted, reweighted],
  [MAP.channelSoftmax, channelSoftmax],
  [MAP.rolled, rolled],
];

/** Makes features of the rows at r8, to r9. */
export function makeFeatures(a: Assembler): void {
  a.call(LABEL);
}

/** The subroutine: one of the maps, as the call says. */
export function writeMaps(a: Assembler): void {
  a.align(64);
  a.label(LABEL);
  a.mov(rax, call("map"));
  for (const [map, write] of MAPS) {
    const other = a.fresh("other_map");
    a.cmp(rax, number(map));
    a.jumpIf("ne", other);
    write(a);
    a.ret();
    a.label(other);
  }
  a.ret();
}
