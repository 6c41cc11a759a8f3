import { printable, UsageError, unknownName } from "./errors.ts";
import { completeParameters, type Parameters, type ParameterValues, type ValuesOf } from "./parameters.ts";
import type { Pattern } from "./pattern.ts";

/** The mathematics of an attention variant, with its parameters filled in. All that kernels and references see. */
export type Mechanism = SoftmaxPattern | FeatureMap;

/** `out_i = Σ_{j in A(i)} softmax_j(scale · q_i·k_j) v_j`; a row whose set is empty is zero. */
export interface SoftmaxPattern {
  readonly kind: "softmaxPattern";
  readonly pattern: Pattern;
  /** As the call is told with `--scale`, or as the model's was; left out where it is 1/√d. `scaleOf` gives either. */
  readonly scale?: number;
}

/** What a softmax mechanism multiplies q·k by, where a head is `headDim` wide: 1/√d unless the call says another. */
export function scaleOf({ scale }: Pick<SoftmaxPattern, "scale">, headDim: number): number {
  return scale ?? 1 / Math.sqrt(headDim);
}

/** `out_i = φ(q_i)ᵀ S_i / (φ(q_i)ᵀ z_i + ε)`, `S_i = Σ_j φ(k_j) v_jᵀ`, `z_i = Σ_j φ(k_j)`, over all j, or j ≤ i if causal. */
export interface FeatureMap {
  readonly kind: "featureMap";
  readonly feature: Feature;
  readonly epsilon: number;
}

/** An elementwise feature map φ. Kernels may know a faster form of the ones they know by `id`. */
export interface Feature {
  readonly id: string;
  readonly phi: (x: number) => number;
}

/** One attention variant: a sentence of mathematics with its parameters and its source. */
export interface Variant {
  readonly id: string;
  readonly title: string;
  readonly aliases: readonly string[];
  /** The paper, with what is different here where anything is. */
  readonly source: string;
  readonly kind: Mechanism["kind"];
  readonly params: Parameters;
  mechanism(values: ParameterValues): Mechanism;
  exponent(values: ParameterValues): number;
}

interface Declaration<P extends Parameters> {
  id: string;
  title: string;
  aliases?: readonly string[];
  source: string;
  params: P;
  /** The exponent of N that the work tends to, by the mathematics. */
  exponent: (values: ValuesOf<P>) => number;
}

/** Declares a variant that is softmax attention over a pattern. */
export function softmaxPattern<const P extends Parameters>(
  declaration: Declaration<P> & { pattern: (values: ValuesOf<P>) => Pattern },
): Variant {
  return declare(declaration, "softmaxPattern", (values) => ({
    kind: "softmaxPattern",
    pattern: declaration.pattern(values),
  }));
}

/** Declares a variant that is linear attention through a feature map. */
export function featureMap<const P extends Parameters>(
  declaration: Declaration<P> & { feature: Feature; epsilon: (values: ValuesOf<P>) => number },
): Variant {
  return declare(declaration, "featureMap", (values) => ({
    kind: "featureMap",
    feature: declaration.feature,
    epsilon: declaration.epsilon(values),
  }));
}

/** A variant with every parameter filled in. */
export interface ParameterizedVariant {
  readonly id: string;
  readonly params: ParameterValues;
  readonly mechanism: Mechanism;
  readonly exponent: number;
}

/** Fills in a variant's parameters; refuses what the declaration does not allow. */
export function parameterize(
  variant: Variant,
  overrides: Readonly<Record<string, unknown>>,
): ParameterizedVariant {
  const { id } = variant;
  const params = completeParameters(id, variant.params, overrides);
  try {
    return { id, params, mechanism: variant.mechanism(params), exponent: variant.exponent(params) };
  } catch (thrown) {
    // A pattern knows what is wrong with it, but not whose it is.
    throw thrown instanceof UsageError ? new UsageError(`${id}: ${thrown.message}`) : thrown;
  }
}

/** The variant of this id or alias. Refuses an unknown one and lists the known. */
export function findVariant(variants: readonly Variant[], name: string): Variant {
  const found = variants.find((variant) => variant.id === name || variant.aliases.includes(name));
  if (found === undefined) {
    throw unknownName(
      "variant",
      name,
      variants.map((variant) => variant.id),
    );
  }
  return found;
}

function declare<P extends Parameters>(
  declaration: Declaration<P>,
  kind: Mechanism["kind"],
  build: (values: ValuesOf<P>) => Mechanism,
): Variant {
  const { id, title, aliases = [], source, params, exponent } = declaration;
  if (!/^[a-z][a-z0-9-]*$/.test(id)) {
    throw new UsageError(
      `variant: id must be lower-case letters, digits and hyphens, got '${printable(id, 60)}'`,
    );
  }
  // The parameters were completed from this very declaration, so they have its types.
  const typed = (values: ParameterValues) => values as ValuesOf<P>;
  return {
    id,
    title,
    aliases,
    source,
    kind,
    params,
    mechanism: (values) => build(typed(values)),
    exponent: (values) => exponent(typed(values)),
  };
}
