import type { Assembler } from "../../assembler/index.ts";
import { Program } from "../../call/program.ts";
import { writeProduct } from "../../products/product.ts";
import { doutFeatures, keyFeatures } from "../chunks.ts";
import { joinBlock } from "../join.ts";
import { PHASE } from "../layout.ts";
import { writeMaps } from "../maps/index.ts";
import { writePhases } from "../program.ts";
import { openState, sumStates } from "../scaled-states.ts";
import { addChunk } from "../sums.ts";
import { writeTurn } from "../turn.ts";
import { writeMapsBack } from "./maps/index.ts";
import { accumulateQueries, readKeys, readQueries, walkBack } from "./passes.ts";
import { openMeans, openShares, openValues } from "./shares.ts";
import { addQueries, keySlopes, querySlopes, slopesAndMeans, valueSlopes } from "./slopes.ts";
import { addOwnKeys, addOwnQueries, addOwnShares, openPairs, writeTurnPairs } from "./triangles.ts";
import { turnBack } from "./turn-back.ts";

/** Its one entry, which takes the address of a lane. */
export const GRADIENT_ENTRY = "feature_gradients";

const PARTS = [
  ...[keyFeatures, doutFeatures, addChunk, openState, sumStates],
  ...[openShares, openMeans, openValues, querySlopes, slopesAndMeans, keySlopes, valueSlopes, addQueries],
  ...[openPairs, addOwnKeys, addOwnQueries, addOwnShares, turnBack],
] as const;

/** The backward pass of linear attention in machine code: the items of one phase, which threads share. */
export const featureGradientProgram = new Program("feature-gradients", (a: Assembler) => {
  writePhases(a, GRADIENT_ENTRY, [
    [PHASE.accumulate, accumulateQueries],
    [PHASE.sum, () => joinBlock(a, false)],
    [PHASE.scan, () => joinBlock(a, true)],
    [PHASE.read, readQueries],
    [PHASE.readKeys, readKeys],
    [PHASE.walk, walkBack],
  ]);
  for (const { write } of PARTS) write(a);
  writeTurnPairs(a);
  writeTurn(a);
  writeMaps(a);
  writeMapsBack(a);
  writeProduct(a);
});
