import type { GradientPass } from "../../core/operation.ts";
import type { Judged } from "../judged.ts";
import { type Gradient, isGradient } from "./declare.ts";

/** The gradient of a mechanism. One that is a gradient already remains as it is. */
export function gradientAround({ mechanism, kind }: Judged, pass: GradientPass): Gradient {
  if (isGradient(mechanism)) return mechanism;
  return { kind: "gradient", of: mechanism, pass, also: kind.gradient?.also?.(mechanism) ?? [] };
}
