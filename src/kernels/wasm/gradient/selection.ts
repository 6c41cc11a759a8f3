import { type Gradient, isGradientOf } from "../../../mechanisms/gradient/declare.ts";
import { isSelection, type Selection } from "../../../mechanisms/selection/declare.ts";
import type { Ability } from "../../by-kind.ts";
import { whyNotCausal } from "../../selects-causal.ts";
import { whyTooWide } from "../fits.ts";
import type { Means } from "../means.ts";
import { prepareSelectionGradient } from "./chosen/selection-kernel.ts";

/** The gradient of attention to chosen keys, through the choice of the forward pass. */
export const selectionGradient: Ability<Gradient<Selection>, Means> = {
  is: isGradientOf(isSelection),
  whyNot: ({ mechanism: { of }, shape, causal }) => whyNotCausal(of.rule, causal) ?? whyTooWide(shape),
  prepare: prepareSelectionGradient,
};
