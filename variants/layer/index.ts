import { family } from "../../src/core/family.ts";
import { convAttention } from "./conv-attention.ts";
import { detr } from "./detr.ts";
import { detrCross } from "./detr-cross.ts";
import { sagan } from "./sagan.ts";

export const layers = family(
  "layer",
  "whole layers, with weights of their own, whose calls have rows of whole tokens",
  [sagan, detr, detrCross, convAttention],
);
