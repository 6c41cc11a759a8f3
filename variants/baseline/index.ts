import { family } from "../../src/core/family.ts";
import { convDepthwise } from "./conv-depthwise.ts";
import { convFull } from "./conv-full.ts";
import { fcWindow } from "./fc-window.ts";

export const baselines = family("baseline", "what self-attention is compared with, no attention itself", [
  convDepthwise,
  convFull,
  fcWindow,
]);
