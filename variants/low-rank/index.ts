import { family } from "../../src/core/family.ts";
import { clustered } from "./clustered.ts";
import { efficient } from "./efficient.ts";
import { induced } from "./induced.ts";
import { lara } from "./lara.ts";
import { linformer } from "./linformer.ts";
import { nystrom } from "./nystrom.ts";
import { pooled } from "./pooled.ts";
import { sinkhorn } from "./sinkhorn.ts";

export const lowRank = family("low-rank", "a few summaries stand between queries and keys", [
  linformer,
  pooled,
  nystrom,
  induced,
  efficient,
  lara,
  clustered,
  sinkhorn,
]);
