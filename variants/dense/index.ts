import type { Variant } from "../../src/core/variant.ts";
import { additive } from "./additive.ts";
import { alibi } from "./alibi.ts";
import { full } from "./full.ts";
import { reluAttention } from "./relu-attention.ts";
import { rope } from "./rope.ts";
import { sigmoidAttention } from "./sigmoid-attention.ts";
import { sinkLogit } from "./sink-logit.ts";
import { t5Bias } from "./t5-bias.ts";

/** Every query attends every key: what others are compared with, and with other positions, weights and scores. */
export const dense: readonly Variant[] = [
  full,
  alibi,
  t5Bias,
  rope,
  reluAttention,
  sigmoidAttention,
  sinkLogit,
  additive,
];
