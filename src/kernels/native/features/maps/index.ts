import { type Assembler, at, number, r8, r9, rax, rcx, rsp } from "../../assembler/index.ts";
import { MAP } from "../layout.ts";
import { call } from "../words.ts";
import { channelSoftmax } from "./channel-softmax.ts";
import { linearUnits, rectified } from "./elementwise.ts";
import { projectRows } from "./projected.ts";
import { reweighted } from "./reweighted.ts";
import { rolled } from "./rolled.ts";
import { scaleRows, taylor } from "./taylor.ts";
import { trigonometric, unitRows } from "./trigonometric.ts";

const LABEL = "make_features";

/** How features are made of turned rows at r8, to r9. Each may use all registers but r13 to r15. */
const MAPS: readonly (readonly [map: number, write: (a: Assembler) => void])[] = [
  [MAP.elu, linearUnits],
  [MAP.relu, rectified],
  [MAP.reweighted, reweighted],
  [MAP.channelSoftmax, channelSoftmax],
  [MAP.rolled, rolled],
  [MAP.taylor, (a) => ofScaled(a)],
  [MAP.trigonometric, (a) => ofUnits(a)],
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

/** Sines and cosines of products with rows of length 1. */
function ofUnits(a: Assembler): void {
  a.push(r9);
  a.push(r8);
  unitRows(a);
  a.pop(r8);
  a.mov(r9, at(rsp));
  projectRows(a, r8, r9);
  a.pop(r9);
  trigonometric(a);
}

/** A Taylor expansion of rows times a factor, or of products with them, which lie behind them. */
function ofScaled(a: Assembler): void {
  const whole = a.fresh("taylor_of_rows");
  const made = a.fresh("taylor_rows_made");
  a.mov(rcx, call("weightRows"));
  a.test(rcx, rcx);
  a.jumpIf("e", whole);
  a.push(r9);
  a.mov(r9, r8);
  a.add(r9, call("projected"));
  a.push(r9);
  projectRows(a, r8, r9);
  a.pop(r8);
  a.pop(r9);
  a.mov(rcx, call("weightRows"));
  a.jump(made);
  a.label(whole);
  scaleRows(a);
  a.mov(rcx, call("channels"));
  a.label(made);
  taylor(a);
}
