import { family } from "../../src/core/family.ts";
import { additive } from "./additive.ts";
import { alibi } from "./alibi.ts";
import { full } from "./full.ts";
import { reluAttention } from "./relu-attention.ts";
import { rope } from "./rope.ts";
import { sigmoidAttention } from "./sigmoid-attention.ts";
import { sinkLogit } from "./sink-logit.ts";
import { t5Bias } from "./t5-bias.ts";

export const dense = family("dense", "every query attends every key", [
  full,
  alibi,
  t5Bias,
  rope,
  reluAttention,
  sigmoidAttention,
  sinkLogit,
  additive,
]);
