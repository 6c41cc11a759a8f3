import { family } from "../../src/core/family.ts";
import { conv2d } from "./conv-2d.ts";
import { convDepthwise } from "./conv-depthwise.ts";
import { convFull } from "./conv-full.ts";
import { elman } from "./elman.ts";
import { fcWindow } from "./fc-window.ts";
import { lstm } from "./lstm.ts";
import { minGru } from "./min-gru.ts";
import { minLstm } from "./min-lstm.ts";

export const baselines = family("baseline", "what self-attention is compared with, no attention itself", [
  convDepthwise,
  convFull,
  conv2d,
  fcWindow,
  elman,
  lstm,
  minGru,
  minLstm,
]);
