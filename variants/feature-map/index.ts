import { family } from "../../src/core/family.ts";
import { cosformer } from "./cosformer.ts";
import { dpfp } from "./dpfp.ts";
import { hedgehog } from "./hedgehog.ts";
import { linear } from "./linear.ts";
import { performer } from "./performer.ts";
import { reluLinear } from "./relu-linear.ts";
import { rfa } from "./rfa.ts";
import { taylor } from "./taylor.ts";

export const featureMaps = family("feature-map", "a state takes the place of the pairs", [
  linear,
  reluLinear,
  performer,
  rfa,
  cosformer,
  taylor,
  hedgehog,
  dpfp,
]);
