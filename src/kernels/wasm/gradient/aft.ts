import { type Aft, isAft } from "../../../mechanisms/aft/declare.ts";
import { type Gradient, isGradientOf, taskWithin } from "../../../mechanisms/gradient/declare.ts";
import type { Ability } from "../../by-kind.ts";
import { aft } from "../aft.ts";
import type { Means } from "../means.ts";
import { prepareAftGradient } from "./aft-kernel.ts";

/** The gradient of attention-free transformers: tiles where positions have biases, a scan back where they have none. */
export const aftGradient: Ability<Gradient<Aft>, Means> = {
  is: isGradientOf(isAft),
  whyNot: (task) => aft.whyNot?.(taskWithin(task)) ?? null,
  prepare: prepareAftGradient,
};
