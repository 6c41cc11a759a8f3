import type { Feature } from "../../../../../mechanisms/feature-map/declare.ts";
import { type Assembler, number, r8, r9, r10, r11, rax } from "../../../assembler/index.ts";
import { MAP } from "../../layout.ts";
import { call, copy, lane } from "../../words.ts";
import { channelSoftmaxBack } from "./channel-softmax.ts";
import { linearUnitsBack, rectifiedBack } from "./elementwise.ts";
import { favorBack } from "./favor.ts";
import { reweightedBack } from "./reweighted.ts";
import { rolledBack } from "./rolled.ts";
import { taylorBack } from "./taylor.ts";
import { trigonometricBack } from "./trigonometric.ts";

const LABEL = "features_back";

/**
 * From the gradients of features to those of the turned rows that they were made of: gradients at r8, features at r9, rows as
 * their map left them at r10, to r11. Each may use all registers but r13 to r15.
 */
const MAPS: readonly (readonly [map: number, write: (a: Assembler) => void])[] = [
  [MAP.elu, linearUnitsBack],
  [MAP.relu, rectifiedBack],
  [MAP.reweighted, reweightedBack],
  [MAP.channelSoftmax, channelSoftmaxBack],
  [MAP.rolled, rolledBack],
  [MAP.taylor, taylorBack],
  [MAP.trigonometric, trigonometricBack],
  [MAP.favor, favorBack],
];

/** Why no machine code takes the gradients of a map's features back; null if it does. */
export function whyNotBack({ kind }: Feature, causal: boolean): string | null {
  if (kind !== "favor" || !causal) return null;
  return "it computes no causal gradients of FAVOR+, whose exponents go along with the state";
}

/** The gradients of the chunk's rows of q or k, turned, at lane.back, by those of its features at lane.slopes. */
export function featuresBack(a: Assembler, of: "queries" | "keys"): void {
  copy(a, lane("rows"), lane(of === "queries" ? "q" : "k"));
  a.movImmediate(rax, of === "queries" ? 0 : 1);
  a.store(lane("isKey"), rax);
  a.mov(r8, lane("slopes"));
  a.mov(r9, lane(of));
  a.mov(r10, lane(of === "queries" ? "queryRows" : "keyRows"));
  a.mov(r11, lane("back"));
  a.call(LABEL);
}

/** The subroutine: one of the maps, as the call says. */
export function writeMapsBack(a: Assembler): void {
  a.align(64);
  a.label(LABEL);
  a.mov(rax, call("map"));
  for (const [map, write] of MAPS) {
    const other = a.fresh("other_back");
    a.cmp(rax, number(map));
    a.jumpIf("ne", other);
    write(a);
    a.ret();
    a.label(other);
  }
  a.ret();
}
