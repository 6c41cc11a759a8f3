import { family } from "../../src/core/family.ts";
import { elman } from "./elman.ts";
import { lstm } from "./lstm.ts";
import { minGru } from "./min-gru.ts";
import { minLstm } from "./min-lstm.ts";

export const baselines = family("baseline", "what self-attention is compared with, no attention itself", [
  elman,
  lstm,
  minGru,
  minLstm,
]);
