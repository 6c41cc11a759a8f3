import type { Mechanism } from "../../core/mechanism.ts";
import type { Parameters, ValuesOf } from "../../core/parameters.ts";
import { type Declaration, declareVariant, type Variant } from "../../core/variant.ts";

/**
 * `out_i = φ(q_i)ᵀ S_i / (φ(q_i)ᵀ z_i + ε)`, `S_i = Σ_j φ(k_j) v_jᵀ`, `z_i = Σ_j φ(k_j)`, over all j, or j ≤
 * i if causal.
 */
export interface FeatureMap extends Mechanism {
  readonly kind: "featureMap";
  readonly feature: Feature;
  readonly epsilon: number;
}

/** An elementwise feature map φ. Kernels may have a faster form of those they know by `id`. */
export interface Feature {
  readonly id: string;
  readonly phi: (x: number) => number;
}

/** Whether a mechanism is linear attention through a feature map. */
export function isFeatureMap(mechanism: Mechanism): mechanism is FeatureMap {
  return mechanism.kind === "featureMap";
}

/** Declares a variant that is linear attention through a feature map. */
export function featureMap<const P extends Parameters>(
  declaration: Declaration<P> & { feature: Feature; epsilon: (values: ValuesOf<P>) => number },
): Variant {
  return declareVariant(
    declaration,
    (values): FeatureMap => ({
      kind: "featureMap",
      feature: declaration.feature,
      epsilon: declaration.epsilon(values),
    }),
  );
}
