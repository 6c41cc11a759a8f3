import { family } from "../../src/core/family.ts";
import { delta } from "./delta.ts";
import { gatedDelta } from "./gated-delta.ts";
import { gla } from "./gla.ts";
import { kda } from "./kda.ts";
import { lightning } from "./lightning.ts";
import { retention } from "./retention.ts";
import { rwkv6 } from "./rwkv6.ts";
import { rwkv7 } from "./rwkv7.ts";
import { simpleGla } from "./simple-gla.ts";
import { ssd } from "./ssd.ts";

export const recurrences = family("recurrence", "a state of d·d numbers that fades, or is corrected", [
  retention,
  lightning,
  simpleGla,
  gla,
  ssd,
  delta,
  gatedDelta,
  kda,
  rwkv6,
  rwkv7,
]);
