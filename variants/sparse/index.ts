import { family } from "../../src/core/family.ts";
import { bigbird } from "./bigbird.ts";
import { blockLocal } from "./block-local.ts";
import { dilated } from "./dilated.ts";
import { global } from "./global.ts";
import { local } from "./local.ts";
import { logsparse } from "./logsparse.ts";
import { longformer } from "./longformer.ts";
import { longnet } from "./longnet.ts";
import { sparseFixed } from "./sparse-fixed.ts";
import { sparseStrided } from "./sparse-strided.ts";
import { streaming } from "./streaming.ts";
import { stride } from "./stride.ts";

export const sparse = family("sparse", "a query attends some keys, whatever the numbers are", [
  local,
  stride,
  global,
  longformer,
  bigbird,
  blockLocal,
  dilated,
  streaming,
  sparseStrided,
  sparseFixed,
  logsparse,
  longnet,
]);
