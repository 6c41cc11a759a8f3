import type { Mechanism } from "../../core/mechanism.ts";
import type { Parameters, ValuesOf } from "../../core/parameters.ts";
import { type Declaration, declareVariant, type Variant } from "../../core/variant.ts";

/**
 * `out_i = φ(q_i)ᵀ S_i / (φ(q_i)ᵀ z_i + ε)`, `S_i = Σ_j φ(k_j) v_jᵀ`, `z_i = Σ_j φ(k_j)`, over all j, or j ≤
 * i if causal. φ has as many features as its `Feature` says.
 */
export interface FeatureMap extends Mechanism {
  readonly kind: "featureMap";
  readonly feature: Feature;
  readonly epsilon: number;
  /**
   * What stands in the place of 1/√d within features that approximate `exp(scale·q·k)`, if a call gives it;
   * above 0.
   */
  readonly scale?: number;
}

/** Whether a mechanism is linear attention through a feature map. */
export function isFeatureMap(mechanism: Mechanism): mechanism is FeatureMap {
  return mechanism.kind === "featureMap";
}

/** Declares a variant that is linear attention through a feature map, which may follow from its parameters. */
export function featureMap<const P extends Parameters>(
  declaration: Declaration<P> & {
    feature: Feature | ((values: ValuesOf<P>) => Feature);
    epsilon: (values: ValuesOf<P>) => number;
  },
): Variant {
  const { feature } = declaration;
  return declareVariant(
    declaration,
    (values): FeatureMap => ({
      kind: "featureMap",
      feature: typeof feature === "function" ? feature(values) : feature,
      epsilon: declaration.epsilon(values),
    }),
  );
}

/**
 * What a feature map φ is, as data: kernels and the oracle each compute it in their own way. Those without a
 * `kind` are elementwise.
 */
export type Feature = Elementwise | Favor | Trigonometric | Reweighted | Taylor | ChannelSoftmax | Rolled;

/** `φ(x)_c = phi(x_c)`, d features. Kernels may have a faster form of those they know by `id`. */
export interface Elementwise {
  readonly kind?: undefined;
  readonly id: string;
  readonly phi: (x: number) => number;
  /** Its derivative; where there is none, that of the numbers below. Without it the map has no gradient. */
  readonly slope?: (x: number) => number;
}

/**
 * `φ_r(x) = m^-½ exp(w_r·x' - |x'|²/2)`, `x' = x·d^-¼`: positive orthogonal random features, Choromanski et
 * al. 2020, arXiv 2009.14794, lemma 1. The rows w are the input `performer.w`, `[kvHeads, features, headDim]`. ε is 0:
 * weights are two softmaxes, of keys for each feature and of features for each query, which cannot overflow.
 */
export interface Favor {
  readonly kind: "favor";
  readonly features: number;
  /** Whether rows are orthogonal in blocks of d; independent otherwise. */
  readonly orthogonal: boolean;
  readonly seed: number;
}

/**
 * `φ(x) = D^-½ [sin(W x̂), cos(W x̂)]`, `x̂ = x / √(|x|² + 1e-6)`, 2·D features: random feature attention, Peng et
 * al. 2021, arXiv 2103.02143. W is the input `rfa.w`, `[kvHeads, features, headDim]`, of deviation 1/τ.
 */
export interface Trigonometric {
  readonly kind: "trigonometric";
  readonly features: number;
  readonly tau: number;
  readonly seed: number;
}

/**
 * `φ(x_i) = relu(x_i) ⊗ [cos θ_i, sin θ_i]`, `θ_i = π·i / (2·M)`, 2·d features, M the horizon, or the length if
 * that is null: cosFormer, Qin et al. 2022, arXiv 2202.08791.
 */
export interface Reweighted {
  readonly kind: "reweighted";
  readonly horizon: number | null;
}

/**
 * `φ(x) = [1, x', vec(x'x'ᵀ)/√2]`, so that `φ(q)·φ(k) = 1 + s + s²/2`: Based, Arora et al. 2024, arXiv
 * 2402.18668. `x' = x·d^-¼`, or `R x · (√d')^-½` if `project` is a number d' above 0: R is then the input `taylor.r`,
 * `[kvHeads, d', headDim]`.
 */
export interface Taylor {
  readonly kind: "taylor";
  /** Channels that q and k are projected to; 0 for none. */
  readonly project: number;
  readonly seed: number;
}

/** `φ(x) = [softmax(x), softmax(-x)]` over channels, 2·d features: Hedgehog, Zhang et al. 2024, arXiv 2402.04347. */
export interface ChannelSoftmax {
  readonly kind: "channel-softmax";
}

/**
 * `r = [relu(x), relu(-x)]`, `φ(x) = [r ⊙ roll(r, 1), …, r ⊙ roll(r, rolls)]`, 2·d·rolls features: DPFP, Schlag et
 * al. 2021, arXiv 2102.11174.
 */
export interface Rolled {
  readonly kind: "rolled";
  readonly rolls: number;
}

/** relu, by the name under which kernels know it. */
export const RELU: Elementwise = {
  id: "relu",
  phi: (x) => Math.max(x, 0),
  slope: (x) => (x > 0 ? 1 : 0),
};

/** Whether a map is elementwise. */
export function isElementwise(feature: Feature): feature is Elementwise {
  return feature.kind === undefined;
}

/** How many features there are of a row of `headDim` channels. */
export function featureCount(feature: Feature, headDim: number): number {
  switch (feature.kind) {
    case undefined:
      return headDim;
    case "favor":
      return feature.features;
    case "trigonometric":
      return 2 * feature.features;
    case "reweighted":
    case "channel-softmax":
      return 2 * headDim;
    case "taylor": {
      const channels = taylorChannels(feature, headDim);
      return 1 + channels + channels * channels;
    }
    case "rolled":
      return 2 * headDim * feature.rolls;
    default:
      return feature satisfies never;
  }
}

/** What the layer learned for a map: an input `[kvHeads, rows, headDim]` by its name; null if nothing. */
export function learnedOf(feature: Feature): { readonly name: string; readonly rows: number } | null {
  switch (feature.kind) {
    case "favor":
      return { name: "performer.w", rows: feature.features };
    case "trigonometric":
      return { name: "rfa.w", rows: feature.features };
    case "taylor":
      return feature.project > 0 ? { name: "taylor.r", rows: feature.project } : null;
    default:
      return null;
  }
}

/** Channels that a Taylor expansion is of: those of a head, or those that they are projected to. */
export function taylorChannels({ project }: Taylor, headDim: number): number {
  return project > 0 ? project : headDim;
}

/**
 * What channels are multiplied by within features that approximate `exp(scale·q·k)`: the root of the scale,
 * d^-¼ unless the call says otherwise, and (√d')^-½ after a projection. 1 for others.
 */
export function channelFactor({ feature, scale }: FeatureMap, headDim: number): number {
  if (feature.kind !== "favor" && feature.kind !== "taylor") return 1;
  const channels = feature.kind === "taylor" ? taylorChannels(feature, headDim) : headDim;
  return scale === undefined ? channels ** -0.25 : Math.sqrt(scale);
}

/** The horizon of cosines over this many tokens. */
export function horizonOf({ horizon }: Reweighted, length: number): number {
  return horizon ?? length;
}
