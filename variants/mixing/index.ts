import { family } from "../../src/core/family.ts";
import { aftFull } from "./aft-full.ts";
import { aftLocal } from "./aft-local.ts";
import { aftSimple } from "./aft-simple.ts";
import { fnet } from "./fnet.ts";
import { synthesizerDense } from "./synthesizer-dense.ts";
import { synthesizerRandom } from "./synthesizer-random.ts";

export const mixing = family("mixing", "tokens are mixed without a product of q and k", [
  synthesizerRandom,
  synthesizerDense,
  fnet,
  aftFull,
  aftLocal,
  aftSimple,
]);
