import type { Law } from "../../laws/law.ts";
import { largeLogits, lengthsCancel, negativeQueries } from "./lengths.ts";
import { channelsReorder, channelsShift, evenQueries, farHorizon, signsCancel } from "./symmetries.ts";

/** The laws of feature maps: each says something of some of them. */
export const featureLaws: readonly Law[] = [
  lengthsCancel,
  negativeQueries,
  largeLogits,
  channelsReorder,
  evenQueries,
  channelsShift,
  signsCancel,
  farHorizon,
];
