import { UsageError } from "../../core/errors.ts";
import type { FormName } from "../../core/form-names.ts";
import type { Mechanism } from "../../core/mechanism.ts";
import type { Parameters, ValuesOf } from "../../core/parameters.ts";
import type { Pattern } from "../../core/pattern.ts";
import { type Declaration, declareVariant, type Variant } from "../../core/variant.ts";
import { FORM_PARAMETERS, type Forms, formsOf } from "../../pairwise/forms.ts";

/**
 * `out_i = Σ_{j in A(i)} softmax_j(scale · q_i·k_j) v_j`; a row whose set is empty is zero. Its forms say what
 * is otherwise: another score than the product, something added to it, q and k turned by their positions,
 * other weights than softmax's.
 */
export interface SoftmaxPattern extends Mechanism, Forms {
  readonly kind: "softmaxPattern";
  readonly pattern: Pattern;
  /**
   * As given with `--scale`, or as in the model's call; omitted if it is 1/√d. `scaleOf` gives either. Scores
   * that are not products have none.
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

/** The forms that a variant has by itself, from the values of its parameters. */
type OwnForms<P extends Parameters> = {
  readonly [Name in FormName]?: (values: ValuesOf<P>) => Forms[Name];
};

/**
 * Declares a variant that attends over a pattern. It can be given any form that it does not have by itself:
 * `--set local.bias=alibi`.
 */
export function softmaxPattern<const P extends Parameters>(
  declaration: Declaration<P> & OwnForms<P> & { pattern: (values: ValuesOf<P>) => Pattern },
): Variant {
  const { score, bias, turn, normaliser } = declaration;
  // A parameter of its own with the name of a form takes precedence.
  const forms = Object.entries(FORM_PARAMETERS).filter(([name]) => !Object.hasOwn(declaration.params, name));
  return declareVariant(
    declaration,
    (values, all): SoftmaxPattern => {
      const given = formsOf(Object.fromEntries(forms.map(([name]) => [name, all[name] ?? null])));
      const own: Forms = {
        score: score?.(values),
        bias: bias?.(values),
        turn: turn?.(values),
        normaliser: normaliser?.(values),
      };
      return {
        kind: "softmaxPattern",
        pattern: declaration.pattern(values),
        ...joined(own, given),
      };
    },
    Object.fromEntries(forms),
  );
}

/** A variant's own forms and those that it is given. Refuses two of one name. */
function joined(own: Forms, given: Forms): Forms {
  const having = Object.entries(own).filter(([, form]) => form !== undefined);
  const twice = having.find(([name]) => Object.hasOwn(given, name));
  if (twice !== undefined) {
    throw new UsageError(
      `it has a ${twice[0]} of its own; give another variant, such as full, the ${twice[0]}`,
    );
  }
  return { ...Object.fromEntries(having), ...given };
}
