import type { Law } from "../../laws/law.ts";
import { biasByDistance, constantTable, rowsShift } from "./biases.ts";
import { deepSink, evenSigmoid, homogeneous } from "./normalisers.ts";
import { channelsReorder, kinkless, nothingLearned } from "./scores.ts";
import { layoutsAgree, turnedTogether } from "./turns.ts";

/** The laws of the forms: each says something of mechanisms that have them. */
export const formLaws: readonly Law[] = [
  biasByDistance,
  rowsShift,
  constantTable,
  turnedTogether,
  layoutsAgree,
  homogeneous,
  evenSigmoid,
  deepSink,
  channelsReorder,
  nothingLearned,
  kinkless,
];
