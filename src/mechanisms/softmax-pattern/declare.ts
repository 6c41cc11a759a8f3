import type { Mechanism } from "../../core/mechanism.ts";
import type { Parameters, ValuesOf } from "../../core/parameters.ts";
import type { Pattern } from "../../core/pattern.ts";
import { type Declaration, declareVariant, type Variant } from "../../core/variant.ts";

/** `out_i = Σ_{j in A(i)} softmax_j(scale · q_i·k_j) v_j`; a row whose set is empty is zero. */
export interface SoftmaxPattern extends Mechanism {
  readonly kind: "softmaxPattern";
  readonly pattern: Pattern;
  /**
   * As given with `--scale`, or as in the model's call; omitted if it is 1/√d. `scaleOf` gives either.
   */
  readonly scale?: number;
}

/** Whether a mechanism is softmax attention over a pattern. */
export function isSoftmaxPattern(mechanism: Mechanism): mechanism is SoftmaxPattern {
  return mechanism.kind === "softmaxPattern";
}

/**
 * The factor on q·k in a softmax mechanism whose heads are `headDim` wide: 1/√d unless the call says
 * otherwise.
 */
export function scaleOf({ scale }: Pick<SoftmaxPattern, "scale">, headDim: number): number {
  return scale ?? 1 / Math.sqrt(headDim);
}

/** Declares a variant that is softmax attention over a pattern. */
export function softmaxPattern<const P extends Parameters>(
  declaration: Declaration<P> & { pattern: (values: ValuesOf<P>) => Pattern },
): Variant {
  return declareVariant(
    declaration,
    (values): SoftmaxPattern => ({ kind: "softmaxPattern", pattern: declaration.pattern(values) }),
  );
}
